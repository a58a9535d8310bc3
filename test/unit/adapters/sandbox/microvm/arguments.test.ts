import { describe, expect, test } from "vitest";
import { type ConfinementRequest, confine } from "../../../../../src/adapters/sandbox/microvm/confinement.ts";
import { parseLdd } from "../../../../../src/adapters/sandbox/microvm/linked-files.ts";
import { type MachineRequest, qemuArguments } from "../../../../../src/adapters/sandbox/microvm/qemu-arguments.ts";
import type { Tools } from "../../../../../src/adapters/sandbox/microvm/tools.ts";

const MACHINE: MachineRequest = {
  id: "airlock-0123456789abcdef",
  acceleration: "tcg",
  cpus: 2,
  memoryMib: 1024,
  kernel: "/boot/kernel",
  initrd: "/boot/initrd",
  append: "console=ttyS0 quiet",
  disks: [
    { file: "/disks/a,b.img", serial: "root", writable: false },
    { file: "/disks/upper.img", serial: "upper", writable: true },
  ],
  control: { fd: 3 },
  egress: { socket: "/sockets/net" },
};

const TOOLS = Object.fromEntries(["bwrap", "setpriv", "timeout", "sh"].map((name) => [name, `/usr/bin/${name}`])) as unknown as Tools;
const CONFINEMENT: ConfinementRequest = {
  tools: TOOLS,
  view: { files: [{ source: "/usr/bin/qemu", target: "/usr/bin/qemu" }], folders: [], links: [] },
  privilege: { kind: "root" },
  bindings: [{ source: "/var/cache/k", target: "/boot/kernel", writable: false }],
  lifetimeMs: 90_500,
};

describe("the machine", () => {
  test("has no network device, no monitor, no user configuration, and QEMU under seccomp", () => {
    const argv = qemuArguments(MACHINE).join(" ");
    expect(argv).toContain("-nic none");
    expect(argv).toContain("-nodefaults -no-user-config");
    expect(argv).toContain("-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
    expect(argv).not.toMatch(/-netdev|-net |-monitor|-mon |-qmp|-vnc|-gdb|-usb|vhost/);
  });

  test("has read-only disks but for the one it may write, found by serial, and a comma in a path stays in the path", () => {
    const argv = qemuArguments(MACHINE);
    expect(argv).toContain("if=none,id=d0,file=/disks/a,,b.img,format=raw,readonly=on");
    expect(argv).toContain("if=none,id=d1,file=/disks/upper.img,format=raw,cache=unsafe,discard=unmap");
    expect(argv).toContain("virtio-blk-pci,drive=d1,serial=upper");
  });

  test("has two ports, by descriptor or by socket, and none when it needs none", () => {
    const argv = qemuArguments(MACHINE);
    expect(argv).toContain("socket,id=ctl,fd=3");
    expect(argv).toContain("socket,id=net,path=/sockets/net");
    const { control: _control, egress: _egress, ...probe } = MACHINE;
    expect(qemuArguments(probe).join(" ")).not.toContain("virtio-serial");
  });
});

describe("QEMU's confinement", () => {
  test("as root: own namespaces, an empty environment, and nobody without capabilities", () => {
    const argv = confine(CONFINEMENT, ["/usr/bin/qemu"]).join(" ");
    for (const word of [
      "--unshare-pid",
      "--unshare-net",
      "--unshare-ipc",
      "--die-with-parent",
      "--clearenv",
      "--cap-drop ALL",
      "--remount-ro /",
    ]) {
      expect(argv).toContain(word);
    }
    expect(argv).toMatch(
      /setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \/usr\/bin\/timeout/,
    );
    expect(argv).toMatch(/timeout --foreground --signal=KILL 91 \/usr\/bin\/qemu$/);
  });

  test("binds nothing of the runner but the files that were named", () => {
    const argv = confine(CONFINEMENT, ["/usr/bin/qemu"]);
    const bound = argv.flatMap((word, index) => (/^--(ro-|dev-)?bind$/.test(word) ? [argv[index + 1]] : []));
    expect(bound).toEqual(["/usr/bin/qemu", "/var/cache/k"]);
    expect(argv).not.toContain("--dev-bind");
  });

  test("without root: a user namespace, and no way to become anybody", () => {
    const argv = confine({ ...CONFINEMENT, privilege: { kind: "user-namespace" } }, ["/usr/bin/qemu"]);
    expect(argv.slice(0, 2)).toEqual(["/usr/bin/bwrap", "--unshare-user"]);
    expect(argv).not.toContain("--cap-add");
    expect(argv.join(" ")).toContain("--uid 65534 --gid 65534");
  });

  test("through sudo: everything else as for root, and dying with stdin", () => {
    const argv = confine({ ...CONFINEMENT, privilege: { kind: "sudo", sudo: ["/usr/bin/sudo", "-n"] } }, ["/usr/bin/qemu"]);
    expect(argv.slice(0, 3)).toEqual(["/usr/bin/sudo", "-n", "/usr/bin/bwrap"]);
    expect(argv.join(" ")).toContain("--bounding-set=-all /usr/bin/sh -c exec 3<&0;");
  });

  test("gives the KVM device only when asked, with the group that may use it", () => {
    const argv = confine({ ...CONFINEMENT, kvm: { device: "/run/x/kvm", group: 108 } }, ["/usr/bin/qemu"]).join(" ");
    expect(argv).toContain("--dev-bind /run/x/kvm /dev/kvm");
    expect(argv).toContain("--groups=108");
  });
});

test("ldd's output gives every library and the loader, and nothing that was not found", () => {
  const output = [
    "/usr/bin/git:",
    "\tlinux-vdso.so.1 (0x00007ffc0b5f2000)",
    "\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f1f3c2a0000)",
    "\tlibgone.so.3 => not found",
    "\t/lib64/ld-linux-x86-64.so.2 (0x00007f1f3c6e5000)",
    "\tnot a dynamic executable",
  ].join("\n");
  expect(parseLdd(output)).toEqual(["/lib/x86_64-linux-gnu/libz.so.1", "/lib64/ld-linux-x86-64.so.2"]);
});
