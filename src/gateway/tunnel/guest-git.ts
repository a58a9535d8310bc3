import type { EgressPolicy } from "../../domain/egress/policy.ts";

/** The forges that projects name most often in submodules and dependencies. */
const FORGES: readonly string[] = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"];

/** Each is three settings in the environment of every command. */
const MAX_HOSTS = 20;

/** Git LFS tries nine times by default, each after a longer wait. Source: git-lfs-config(5). */
const LFS: readonly (readonly [key: string, value: string])[] = [
  ["lfs.transfer.maxretries", "2"],
  ["lfs.transfer.maxretrydelay", "2"],
];

/**
 * Has git ask over https where a URL says ssh or git://, which have no way out: the request is then judged, logged and refused in words. For
 * known forges and for hosts that a rule names, so that a project's own test servers stay what they are. Source: git-config(1),
 * `GIT_CONFIG_COUNT` and `url.<base>.insteadOf`.
 */
export function gitEnv(policy: EgressPolicy): Readonly<Record<string, string>> {
  const hosts = [...new Set([...FORGES, ...policy.allow.flatMap(namedHost)])].slice(0, MAX_HOSTS);
  const rewritten = hosts.flatMap((host) =>
    [`git@${host}:`, `ssh://git@${host}/`, `git://${host}/`].map((old) => [`url.https://${host}/.insteadOf`, old] as const),
  );
  const settings = [...rewritten, ...LFS];
  const pairs = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return Object.fromEntries([["GIT_CONFIG_COUNT", String(settings.length)], ...pairs]);
}

/** A host that a line of its own names on the usual port; those of a preset are registries. */
function namedHost({ text, pattern, port }: EgressPolicy["allow"][number]): readonly string[] {
  return pattern.kind === "host" && text.includes(".") && (port === undefined || port === 443) ? [pattern.host] : [];
}
