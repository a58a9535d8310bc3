/**
 * Names as the most forgiving file system compares them: HFS+ and APFS ignore some code points and fold case and normal form. NTFS folds
 * case, drops trailing dots and spaces and everything after a colon (streams), and treats a backslash as a separator (git's own list:
 * `verify_path`, `is_hfs_dotgit`, `is_ntfs_dotgit`).
 */
export function foldName(name: string): string {
  const visible = foldCase(name.replaceAll(/[\p{DI}\p{Cf}]/gu, "").normalize("NFKC"));
  const withoutStream = visible.replace(/(?<=[^:]):.*$/s, "");
  return /^\.+$/.test(withoutStream) ? withoutStream : withoutStream.replace(/[. ]+$/, "");
}

/** The folded components of a path; both separators split, empty components vanish. */
export function foldPath(path: string): readonly string[] {
  return path
    .replaceAll(/[\p{DI}\p{Cf}]/gu, "")
    .normalize("NFKC")
    .split(/[/\\\u2044\u2215\u29F5\u29F8\u29F9]/)
    .map(foldName)
    .filter((name) => name !== "" && name !== ".");
}

/** One spelling for all names that some file system treats as the same; used to find collisions between real paths. */
export function collisionKey(path: string): string {
  return path.split("/").map(collisionName).join("/");
}

/** Without NFKC: file systems tell compatibility forms apart, so two such names do not collide. */
function collisionName(name: string): string {
  const folded = foldCase(name.replaceAll(/\p{DI}/gu, "").normalize("NFC"));
  return folded.replace(/(?<=[^.])[. ]+$/, "").normalize("NFC");
}

/** Approximates full case folding by way of upper case, so that ß, ı, ſ and the Kelvin sign meet their plain forms. */
function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase().replaceAll("i\u0307", "i").normalize("NFC");
}

/** Letters of other scripts that look like Latin ones in most fonts (from the look of the glyphs; Unicode TR 39 has the full list). */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  "аa ɑa αa вb сc ϲc ԁd еe ҽe εe ɡg һh нh іi ιi ɩi ӏl јj кk κk мm пn ոn оo οo օo σo рp ρp ԛq гr ѕs тt τt υu սu νv ѵv ѡw ԝw хx χx уy γy үy ᴢz ꓖg ᴦr"
    .split(" ")
    .map((pair) => [pair.slice(0, -1), pair.slice(-1)] as const),
);

/** Like `foldName`, but also turns letters that merely look Latin into Latin ones. Conservative: for protected names only. */
export function confusableSkeleton(foldedName: string): string {
  return Array.from(foldedName, (char) => LOOK_ALIKES.get(char) ?? char).join("");
}

/** True if the text has a letter that looks Latin but is not. */
export function hasLookAlike(text: string): boolean {
  return Array.from(text.toLowerCase()).some((char) => LOOK_ALIKES.has(char));
}

/**
 * True when `name` is an 8.3 short name that NTFS could have made for `long` (both folded): six characters and `~1`,
 * fewer with a longer number, or two and four hex digits of a hash.
 */
export function isShortNameOf(name: string, long: string): boolean {
  const [, stem, number] = /^([^~.]{1,8})~(\d{1,6})(?:\.[^.]{0,3})?$/.exec(name) ?? [];
  if (stem === undefined || number === undefined) return false;
  const base = long.replace(/^[. ]+/, "").replaceAll(/[ +,;=[\]]/g, "");
  const dot = base.lastIndexOf(".");
  const plain = (dot > 0 ? base.slice(0, dot) : base).replaceAll(".", "");
  const kept = plain.slice(0, Math.max(1, 7 - number.length));
  return stem === kept || (/^[0-9a-f]{4}$/.test(stem.slice(2)) && stem.length === 6 && plain.startsWith(stem.slice(0, 2)));
}
