import { foldPath } from "../paths/fold.ts";

/** Linux gives up after forty links (path_resolution(7)). */
const MAX_LINKS = 40;
/** Names on the way, each of which costs a look at the tree. */
const MAX_STEPS = 400;

/** Reads the target of the link at a path of the tree; undefined: it is no link. */
export type ReadLink = (path: string) => Promise<string | undefined>;

/**
 * Follows a link as an operating system does, through the links on its way; words alone do not tell where `a/..` leads when `a` is a
 * link. Returns why it is refused: it leaves the tree or enters git's directory.
 */
export async function followLink(path: string, target: string, readLink: ReadLink): Promise<string | undefined> {
  const way: Way = { done: path.split("/").slice(0, -1), left: [...splitTarget(target)], links: 0 };
  for (let steps = 0; way.left.length > 0; steps += 1) {
    const refusal = steps > MAX_STEPS ? "leads through too many directories" : await step(way, readLink);
    if (refusal !== undefined) return refusal;
  }
  return foldPath(way.done.join("/")).includes(".git") ? "leads into git's own directory through another link" : undefined;
}

interface Way {
  readonly done: string[];
  readonly left: string[];
  links: number;
}

async function step(way: Way, readLink: ReadLink): Promise<string | undefined> {
  const { done, left } = way;
  const name = left.shift() ?? "";
  if (name === "..") return done.pop() === undefined ? "leads out of the repository through another link" : undefined;
  done.push(name);
  const target = await readLink(done.join("/"));
  if (target === undefined) return undefined;
  way.links += 1;
  if (way.links > MAX_LINKS) return "leads through too many links";
  if (/^(?:[/\\]|[a-z]:)/i.test(target)) return "leads through a link with an absolute target";
  done.pop();
  left.unshift(...splitTarget(target));
  return undefined;
}

function splitTarget(target: string): readonly string[] {
  return target.split(/[/\\]/).filter((name) => name !== "" && name !== ".");
}
