/**
 * Writes a cpio archive in the `newc` form that Linux reads as an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst of the kernel).
 */
export interface CpioArchive {
  /** Parents are made with mode 0755. */
  addDirectory(path: string): void;
  addFile(path: string, content: Uint8Array | string, mode?: number): void;
  addCharacterDevice(path: string, device: { readonly major: number; readonly minor: number; readonly mode: number }): void;
  /** The whole archive with its trailer. Archives may be concatenated. */
  finish(): Buffer;
}

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFCHR = 0o020000;

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly content: Uint8Array;
  readonly major: number;
  readonly minor: number;
}

export function createCpioArchive(): CpioArchive {
  const chunks: Uint8Array[] = [];
  const directories = new Set<string>();
  let inode = 1;
  const add = (entry: Entry): void => {
    chunks.push(...encodeEntry(entry, inode));
    inode += 1;
  };
  const addDirectory = (path: string): void => {
    const name = relative(path);
    if (name === "" || directories.has(name)) return;
    addDirectory(parent(name));
    directories.add(name);
    add({ name, mode: S_IFDIR | 0o755, content: new Uint8Array(0), major: 0, minor: 0 });
  };
  return {
    addDirectory,
    addFile(path, content, mode = 0o644) {
      const name = relative(path);
      addDirectory(parent(name));
      add({ name, mode: S_IFREG | mode, content: typeof content === "string" ? Buffer.from(content) : content, major: 0, minor: 0 });
    },
    addCharacterDevice(path, device) {
      const name = relative(path);
      addDirectory(parent(name));
      add({ name, mode: S_IFCHR | device.mode, content: new Uint8Array(0), major: device.major, minor: device.minor });
    },
    finish() {
      add({ name: "TRAILER!!!", mode: 0, content: new Uint8Array(0), major: 0, minor: 0 });
      return Buffer.concat(chunks);
    },
  };
}

function encodeEntry(entry: Entry, inode: number): Uint8Array[] {
  const name = Buffer.from(`${entry.name}\0`);
  const links = 1;
  const fields = [inode, entry.mode, 0, 0, links, 0, entry.content.length, 0, 0, entry.major, entry.minor, name.length, 0];
  const header = Buffer.from(`070701${fields.map(hex8).join("")}`);
  return [header, name, padding(header.length + name.length), entry.content, padding(entry.content.length)];
}

function hex8(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}

function relative(path: string): string {
  return path.replace(/^\/+/, "").replace(/\/+$/, "");
}

function parent(name: string): string {
  const slash = name.lastIndexOf("/");
  return slash < 0 ? "" : name.slice(0, slash);
}
