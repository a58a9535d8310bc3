/** Hosts that anybody can put an archive or a repository on: there the owner and the name belong to the source. */
const FORGES = /^(?:(?:www|codeload|api|raw|gist)\.)?(?:github(?:usercontent)?\.com|gitlab\.com|bitbucket\.org|codeberg\.org|sr\.ht)$/;
/** One registry under two names: npm's own, and the one that Yarn 1 writes. */
const [NPM, YARN] = ["npmjs.org", "yarnpkg.com"].map((domain) => `registry.${domain}`) as [string, string];

/**
 * The registry or repository that an address belongs to. A registry's archive (`<base>/<name>/-/<file>`) belongs to its base; any other
 * address to its host, and on a forge or as a git repository to owner and name there, if `byRepository`.
 */
export function sourceOf(address: string, byRepository: boolean): string {
  const scp = /^(?:[\w.-]+@)([\w.-]+):(?!\/\/)(.*)$/.exec(address);
  const short = /^(github|gitlab|bitbucket|gist):(.*)$/.exec(address);
  const plain = scp !== null ? `git+ssh://${scp[1]}/${scp[2]}` : short !== null ? `git+https://${short[1]}.com/${short[2]}` : address;
  const [, scheme = "", authority = "", path = ""] = /^([a-z][a-z+.-]*):\/\/([^/?#]*)([^?#]*)/i.exec(plain) ?? [];
  const named = authority.slice(authority.lastIndexOf("@") + 1).toLowerCase();
  const host = named === YARN ? NPM : named;
  const registry = /^(.*?)\/(?:(?:@|%40)[^/]+?(?:\/|%2f))?[^/]+\/-\/[^/]+$/i.exec(path);
  if (registry !== null) return `${host}${registry[1]}`;
  const isRepository = FORGES.test(host) || /^git|^ssh/i.test(scheme) || path.endsWith(".git");
  return byRepository && isRepository ? `${host}/${repository(path)}` : host;
}

function repository(path: string): string {
  const names = path.split("/").filter((name) => name !== "" && name !== "repos");
  return names
    .slice(0, 2)
    .join("/")
    .replace(/\.git$/, "")
    .toLowerCase();
}

/** Nothing protects such an address on its way. */
export function isUnprotected(address: string): boolean {
  return /^(?:git\+|registry\+|sparse\+)?(?:http|ftp|git|file):\/\//i.test(address);
}
