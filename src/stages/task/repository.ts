import { excerpt, type TextLimits } from "../../domain/prompt/excerpt.ts";
import type { Forge } from "../../ports/forge.ts";
import { MANIFESTS, MAX_MANIFEST_BYTES } from "./commands.ts";

/** What the base says about the project. Its texts come from people with write permission but are cleaned all the same. */
export interface RepositoryDescription {
  readonly facts: readonly string[];
  /** The contribution guide, cleaned; empty if there is none. */
  readonly guide: string;
}

const GUIDES = ["CONTRIBUTING.md", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md"];

/**
 * Languages, commands and guide; `sha` has to be a commit of the base, never a head (I11). What cannot be read is left out: the agent can
 * look it up itself.
 */
export async function describeRepository(forge: Forge, sha: string, limits: TextLimits): Promise<RepositoryDescription> {
  const read = (path: string, maxBytes: number): Promise<string | undefined> => forge.readFile(sha, path, maxBytes).catch(() => undefined);
  const manifests = await Promise.all(
    Object.entries(MANIFESTS).map(async ([name, manifest]) => ({ name, manifest, text: await read(name, MAX_MANIFEST_BYTES) })),
  );
  const guides = await Promise.all(GUIDES.map((path) => read(path, limits.maxGuideBytes)));
  const found = manifests.flatMap(({ name, manifest, text }) => (text === undefined ? [] : [{ name, manifest, text }]));
  const built = found.map(({ name, manifest }) => `${manifest.language} (${name})`);
  return {
    facts: [
      ...(built.length === 0 ? [] : [`Built with: ${built.join(", ")}.`]),
      ...found.flatMap(({ manifest, text }) => manifest.describe?.(text) ?? []),
    ],
    guide: excerpt(guides.find((guide) => guide !== undefined) ?? "", limits.maxGuideBytes).text,
  };
}
