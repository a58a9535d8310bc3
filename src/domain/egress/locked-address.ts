/** How a lockfile of one format writes where its packages come from. */
export interface LockfileFormat {
  /** Global; its one group is the value of such a field. */
  readonly field: RegExp;
  /** Whether the file has the address of every package. */
  readonly isComplete: (text: string) => boolean;
}

/** Maximum number of distinct authorities; the rest is ignored. */
const MAX_AUTHORITIES = 1000;
/** `https://host/`, also after a `+` (`sparse+https://`, `git+ssh://`) or after a name and an `@`; only the authority is read. */
const PLAIN = /(?<![A-Za-z])(?:https?|ssh|git):\/\/([^\s"'<>/?#\\)]{1,300})/g;
/** An address within another one's parameters, as Yarn writes archives that its registry has elsewhere. */
const ENCODED = /(?<![A-Za-z])https?%3A%2F%2F([A-Za-z0-9._-]{1,255})/gi;
/** `git@host:owner/name`. */
const SCP = /(?:^|@)git@([A-Za-z0-9._-]{1,255}):/g;

/** The authorities (host, perhaps user and port) that a lockfile's text names, each once. */
export function findAddresses({ field }: LockfileFormat, text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, raw = ""] of text.matchAll(field)) {
    const value = raw.includes("\\") ? unescaped(raw) : raw;
    for (const shape of [PLAIN, ENCODED, SCP]) for (const [, authority = ""] of value.matchAll(shape)) found.add(authority);
    if (found.size >= MAX_AUTHORITIES) break;
  }
  return found;
}

/** JSON and TOML use the same escapes for the characters of an address. */
function unescaped(value: string): string {
  try {
    return String(JSON.parse(`"${value}"`));
  } catch {
    return "";
  }
}
