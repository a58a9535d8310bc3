import { describe, expect, test } from "vitest";
import { distribution, kernelPackages } from "../../../../../src/adapters/sandbox/microvm/kernel-packages.ts";

describe("the packages behind a kernel's metapackage", () => {
  test("are one on Debian", () => {
    const depends = "linux-image-cloud-amd64\n  Depends: linux-image-6.1.0-56-cloud-amd64\n    linux-image-6.1.0-56-cloud-amd64-unsigned\n";
    expect(kernelPackages(depends)).toEqual(["linux-image-6.1.0-56-cloud-amd64"]);
  });

  test("are image, modules and extra modules on Ubuntu", () => {
    const depends = [
      "linux-image-generic",
      "  Depends: linux-image-6.8.0-71-generic",
      "  Depends: linux-modules-extra-6.8.0-71-generic",
      " |Depends: linux-firmware",
      "  Depends: wireless-regdb",
    ].join("\n");
    expect(kernelPackages(depends)).toEqual([
      "linux-image-6.8.0-71-generic",
      "linux-modules-6.8.0-71-generic",
      "linux-modules-extra-6.8.0-71-generic",
    ]);
  });

  test("are not known when there is no image among them, and a line that is none is not taken for one", () => {
    expect(kernelPackages("linux-image-virtual\n  Depends: linux-headers-6.8.0-71\n")).toBeNull();
    expect(kernelPackages("  Depends: linux-image-6.8.0;reboot\n")).toBeNull();
    expect(kernelPackages("")).toBeNull();
  });
});

describe("the distribution", () => {
  test("is read from its own name or its parent's", () => {
    expect(distribution('ID=debian\nVERSION_ID="12"\n')).toBe("debian");
    expect(distribution('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe("ubuntu");
    expect(distribution("ID=fedora\n")).toBeNull();
    expect(distribution("")).toBeNull();
  });
});
