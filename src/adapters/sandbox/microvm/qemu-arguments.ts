export interface Disk {
  /** Path in QEMU's own view. */
  readonly file: string;
  /** At most 20 characters; the guest finds the disk by it. */
  readonly serial: string;
  readonly writable: boolean;
}

/** How QEMU reaches the runner's end of a port. */
export type ChannelAddress = { readonly fd: number } | { readonly socket: string };

export interface MachineRequest {
  readonly id: string;
  readonly acceleration: "kvm" | "tcg";
  readonly cpus: number;
  readonly memoryMib: number;
  readonly kernel: string;
  readonly initrd: string;
  readonly append: string;
  readonly disks: readonly Disk[];
  /** Directory of the read-only 9p root, in QEMU's own view. */
  readonly exportDirectory?: string;
  readonly control?: ChannelAddress;
  readonly egress?: ChannelAddress;
}

/**
 * No network device, no display, no USB, no monitor. q35 rather than microvm: without KVM the latter hangs now and then
 * while it calibrates its clock. `-sandbox` puts QEMU itself under seccomp. QEMU's manual: "Security", "System emulation".
 */
export function qemuArguments(request: MachineRequest): readonly string[] {
  const isKvm = request.acceleration === "kvm";
  return [
    ["-name", request.id],
    ["-M", "q35,smm=off,usb=off,vmport=off"],
    ["-accel", isKvm ? "kvm" : "tcg,thread=multi,tb-size=256"],
    ["-cpu", isKvm ? "host" : "max"],
    ["-m", String(request.memoryMib), "-smp", String(request.cpus)],
    ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none", "-serial", "stdio"],
    ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ["-kernel", request.kernel, "-initrd", request.initrd, "-append", request.append],
    ["-device", "virtio-rng-pci"],
    request.disks.flatMap(diskArguments),
    exportArguments(request.exportDirectory),
    channelArguments(request),
  ].flat();
}

function diskArguments(disk: Disk, index: number): string[] {
  const mode = disk.writable ? "cache=unsafe,discard=unmap" : "readonly=on";
  return [
    "-drive",
    `if=none,id=d${index},file=${escaped(disk.file)},format=raw,${mode}`,
    "-device",
    `virtio-blk-pci,drive=d${index},serial=${disk.serial}`,
  ];
}

function exportArguments(directory: string | undefined): string[] {
  if (directory === undefined) return [];
  return [
    "-fsdev",
    `local,id=root,path=${escaped(directory)},security_model=none,readonly=on,multidevs=remap`,
    "-device",
    "virtio-9p-pci,fsdev=root,mount_tag=root",
  ];
}

function channelArguments(request: MachineRequest): string[] {
  if (request.control === undefined || request.egress === undefined) return [];
  return [
    "-device",
    "virtio-serial-pci,id=vs,max_ports=4",
    "-chardev",
    `socket,id=ctl,${addressOf(request.control)}`,
    "-device",
    "virtserialport,bus=vs.0,chardev=ctl,name=airlock.ctl",
    "-chardev",
    `socket,id=net,${addressOf(request.egress)}`,
    "-device",
    "virtserialport,bus=vs.0,chardev=net,name=airlock.net",
  ];
}

function addressOf(address: ChannelAddress): string {
  return "fd" in address ? `fd=${address.fd}` : `path=${escaped(address.socket)}`;
}

/** QEMU splits options at commas; a doubled comma is one comma. */
function escaped(path: string): string {
  return path.replaceAll(",", ",,");
}
