import { canonicalHost } from "./host.ts";
import { decide, type EgressPolicy } from "./policy.ts";
import { configuredUrls, expandPreset, type Registries } from "./presets.ts";

/** As a line of `allow` or `setup`: what the project at the trusted base needs. */
const AUTO = "auto";
/** As the whole of `allow` or `setup`: nothing at all. An empty input is its default, `auto`. */
export const NONE = "none";

/** Whether a line of the text is the word `auto`, beside a comment. */
export function hasAuto(text: string): boolean {
  return linesOf(text).some(isAuto);
}

/** The lines that a person wrote as host rules, each with its own number: `auto` becomes an empty line, and `none` alone an empty text. */
export function writtenRules(allow: string): string {
  if (allow.trim() === NONE) return "";
  return linesOf(allow)
    .map((line) => (isAuto(line) ? "" : line))
    .join("\n");
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\n/);
}

function isAuto(line: string): boolean {
  return (line.split("#", 1)[0] ?? "").trim() === AUTO;
}

/** The names whose presets would open something with these registries. */
export function configuredPresets(names: readonly string[], registries: Registries): readonly string[] {
  return names.filter((name) => configuredUrls(name, registries).length > 0 && (expandPreset(name, registries) ?? []).length > 0);
}

/** `closed`: the host rules let none of its registries be reached. `unconfigured`: this runner names no registry for it. */
export type PresetState = "open" | "closed" | "unconfigured";

export interface ReachFacts {
  readonly policy: EgressPolicy;
  readonly mode: "allowlist" | "audit" | "none";
  readonly registries: Registries;
}

/** Whether a package manager of the sandbox can reach a registry of this preset, whatever lines allow it. */
export function stateOfPreset(name: string, { policy, mode, registries }: ReachFacts): PresetState {
  if (mode === "none") return "closed";
  const places = placesOf(name, registries);
  if (places.length === 0) return mode === "audit" ? "open" : "unconfigured";
  return places.some((place) => isReachable(place, { policy, mode })) ? "open" : "closed";
}

/** Where a preset's registries are. */
export interface RegistryPlace {
  /** Canonical. */
  readonly host: string;
  readonly port: number;
}

/** The places of the registries that are configured for a preset. */
export function placesOf(name: string, registries: Registries): readonly RegistryPlace[] {
  return configuredUrls(name, registries).flatMap((text) => {
    const url = URL.parse(text);
    const host = url === null ? undefined : canonicalHost(url.hostname)?.text;
    if (url === null || host === undefined) return [];
    return [{ host, port: Number(url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port) }];
  });
}

function isReachable({ host, port }: RegistryPlace, { policy, mode }: Pick<ReachFacts, "policy" | "mode">): boolean {
  const { verdict, reason } = decide(policy, host, port);
  return verdict === "allow" || (mode === "audit" && reason === "default-deny");
}
