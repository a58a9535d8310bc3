const PT_INTERP = 3;

/** True when an ELF program asks for a dynamic loader. `head`: its first bytes, at least the program headers. */
export function hasInterpreter(head: Buffer): boolean {
  return programHeaders(head).includes(PT_INTERP);
}

export function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

/** Types of the program headers of a 64-bit little-endian ELF file; empty for anything else. */
function programHeaders(head: Buffer): readonly number[] {
  const is64BitLittleEndian = head.length >= 64 && isElf(head) && head[4] === 2 && head[5] === 1;
  if (!is64BitLittleEndian) return [];
  const start = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  const count = head.readUInt16LE(56);
  const types: number[] = [];
  for (let index = 0; index < count; index++) {
    const at = start + index * size;
    if (size < 4 || at + 4 > head.length) break;
    types.push(head.readUInt32LE(at));
  }
  return types;
}
