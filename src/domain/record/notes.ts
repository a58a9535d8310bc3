import type { PresetState } from "../egress/auto.ts";
import type { Authorship } from "../guard/agents.ts";
import type { Usage } from "../model/usage.ts";
import type { Change, Finding, Verdict } from "../patch.ts";
import type { Dropped } from "../review/assemble.ts";
import type { DiffSide, ReviewCategory, ReviewSeverity } from "../review/finding.ts";
import type { ReviewVerdict } from "../review/verdict.ts";
import type { BoundaryAttempt } from "../sandbox/boundary-proof.ts";
import type { AgentExit } from "../sandbox/transcript.ts";
import type { RepositoryInstructions, Target } from "../task.ts";
import type { VerificationOutcome } from "../verification/outcome.ts";

/** Facts that a run's stages note in its record, by key. Everything that shows a run reads these. */
export interface KnownNotes {
  readonly trigger: TriggerNote;
  readonly task: TaskNote;
  readonly policy: PolicyNote;
  readonly ecosystems: EcosystemsNote;
  readonly sandbox: SandboxNote;
  readonly boundary: BoundaryNote;
  readonly agent: AgentNote;
  readonly usage: Usage;
  readonly egress: EgressSummary;
  readonly verification: VerificationNote;
  readonly patch: PatchNote;
  readonly gate: GateNote;
  readonly review: ReviewNote;
  readonly declaredSecrets: DeclaredSecretsNote;
  readonly error: ErrorNote;
}

export interface TriggerNote {
  readonly event: string;
  readonly action: string;
  readonly actor: string;
  readonly mode: string;
  readonly target: Target;
  /** Milliseconds since the epoch: what was said later may stop the run. */
  readonly triggeredAtMs: number;
  /** What started the run besides the event. These choose sections of the repository's file. */
  readonly command?: string;
  readonly label?: string;
  /** The trigger label was replaced by the working label. */
  readonly working?: boolean;
}

export interface TaskNote {
  /** Cleaned, one line. */
  readonly title: string;
  readonly baseRef: string;
  readonly baseSha: string;
  /** sha256 in hex of the whole prompt. */
  readonly promptSha256: string;
  /** sha256 in hex of the workflow's prompt and the instruction; names the branch of a task without a number. Absent: a review. */
  readonly requestSha256?: string;
  /** What cleaning removed from the text, by kind. */
  readonly removed: Readonly<Record<string, number>>;
  /** What was left out of the task, and what could not be found out. Absent: nothing. */
  readonly notes?: readonly string[];
  /** Files of the base that the agent was given as the repository's instructions. Absent: it has none. */
  readonly instructions?: RepositoryInstructions["files"];
}

export interface PolicyNote {
  readonly mode: string;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** sha256 in hex of mode, allow and deny, one rule a line. */
  readonly sha256: string;
  /** Hosts that lockfiles name and no rule allows. They come from the repository: hostile text, but canonical host names. */
  readonly unlisted?: readonly string[];
}

/** What `auto` found at the trusted base, and chose. */
export interface EcosystemsNote {
  /** What was chosen and why, on one line: our own words, and names of a strict form. */
  readonly line: string;
  readonly found: readonly { readonly path: string; readonly tool: string; readonly preset: string; readonly state: PresetState }[];
  /** The shell lines that were run before the agent. */
  readonly setup: string;
}

export interface SandboxNote {
  readonly id: string;
  readonly provider: string;
  readonly isolation: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** One sandbox of the run, whatever it was for: `id` is known from its start, everything else as far as the run came. */
export interface SandboxFactsNote extends Pick<SandboxNote, "id">, Partial<Omit<SandboxNote, "id">> {
  readonly purpose?: string;
  /** Read-only trees that it saw. */
  readonly layers?: readonly LayerNote[];
  /** Absent: it had no tunnel to prove. */
  readonly boundary?: BoundaryNote;
  /** The proof that its way out was closed before anything was judged in it. Absent: nothing was. */
  readonly closed?: BoundaryNote;
}

export interface LayerNote {
  readonly name: string;
  /** sha256 in hex. */
  readonly digest: string;
}

export interface BoundaryNote {
  readonly proved: boolean;
  readonly attempts: readonly BoundaryAttempt[];
}

export interface AgentNote {
  readonly name: string;
  readonly version: string;
  readonly model: string;
  readonly layers: readonly LayerNote[];
  /** Its message is raw guest text. */
  readonly ending: AgentExit;
  readonly lingered: boolean;
}

/** What the sandbox asked for, counted at the gateway. */
export interface EgressSummary {
  readonly allowed: number;
  /** Without what was refused to the run's own lines; see `HostTraffic.during`. */
  readonly denied: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly hosts: readonly HostTraffic[];
  /** `audit`: the shortest allowlist that would have been enough, one host rule per element. */
  readonly proposedAllow: readonly string[];
}

/** One host and port; the name is guest text. */
export interface HostTraffic {
  readonly host: string;
  readonly port: number;
  readonly verdict: "allow" | "deny";
  readonly count: number;
  readonly reason: string;
  /** Asked for by the run's own lines, before or after the agent worked. Absent: while it worked. */
  readonly during?: "set-up" | "verification";
  /** The line that would allow it; only for a denied host that a rule can allow. */
  readonly suggestion?: string;
  /**
   * Command in the guest that asked first, as reported by the guest and not verified: hostile text, one line, without the run's secrets.
   * Absent if it could not be found.
   */
  readonly command?: string;
}

export interface VerificationNote {
  readonly outcome: VerificationOutcome;
  /** With `none`: why nothing was verified, in our own words. */
  readonly reason: string;
  /** Of the patch. */
  readonly passed: boolean;
  /** The end of what the commands printed; raw guest text. */
  readonly output: string;
  /** The shell lines, from the workflow or found at the base. */
  readonly commands: string;
  /** Every judgement of the run, oldest first; the last one is the one above. */
  readonly rounds: readonly VerificationRound[];
}

export interface VerificationRound {
  /** Of the sandbox it was judged in. */
  readonly sandbox: string;
  readonly tree: string;
  /** Absent: the patch. */
  readonly judged?: "base" | "patch";
  /** Which lines the result is of: those of `verify` (default), or those of `setup`, which failed before. */
  readonly step?: "setup" | "verify";
  readonly passed: boolean;
  /** null when a signal ended the commands. */
  readonly exitCode: number | null;
  readonly durationMs?: number;
  /** The sandbox lacks a program: not the change's fault. */
  readonly lacksProgram?: boolean;
  /** `setup` ran again for what the patch changed in manifests and lockfiles. */
  readonly ownInstall?: boolean;
  /** The end of what the commands printed; raw guest text. */
  readonly output: string;
}

export interface PatchNote {
  readonly baseSha: string;
  readonly baseTree: string;
  readonly tree: string;
  readonly changes: readonly Change[];
}

export interface GateNote {
  readonly decision: Verdict["decision"];
  readonly findings: readonly Finding[];
  readonly tree: string;
}

/** Names of secrets that the repository's file declares, in a job that only publishes. */
export interface DeclaredSecretsNote {
  readonly searched: readonly string[];
  /** Names for which the job had no value. */
  readonly unsearched: readonly string[];
}

/** What became of a review's findings. */
export interface ReviewNote extends ReviewVerdict {
  /** Commits: the merge base, the reviewed head, and the head of the previous review if only what came after it was reviewed. */
  readonly base: string;
  readonly head: string;
  readonly since?: string;
  readonly author?: Authorship;
  /** On lines of the diff. */
  readonly inline: readonly (ReviewFindingNote & { readonly fingerprint: string })[];
  /** Listed in the review's own text. */
  readonly listed: readonly ReviewFindingNote[];
  /** Length of `listed`. */
  readonly inSummary: number;
  /** Findings of earlier reviews that still count for the verdict. */
  readonly standing: readonly { readonly fingerprint: string; readonly severity: ReviewSeverity }[];
  readonly dropped: Dropped;
  readonly flags: readonly Finding[];
  /** The commands are raw guest text. `fresh`: in a sandbox that the agent was never in. */
  readonly reruns: readonly { readonly command: string; readonly exitCode: number | null; readonly fresh?: boolean }[];
  /** Why the agent's file could not be used. */
  readonly errors: readonly string[];
}

/** Path and claim are raw guest text. */
export interface ReviewFindingNote {
  readonly path: string;
  readonly side: DiffSide;
  readonly line: number;
  readonly endLine: number;
  readonly severity: ReviewSeverity;
  readonly category: ReviewCategory;
  readonly claim: string;
}

export interface ErrorNote {
  readonly id: string;
  readonly code: string;
  readonly blame: string;
  readonly message: string;
  readonly remedy: string;
}

/** What has been noted so far: any fact may be missing, because a run can end anywhere. */
export type RunNotes = { readonly [Key in keyof KnownNotes]?: Partial<KnownNotes[Key]> } & Readonly<
  Record<string, Readonly<Record<string, unknown>> | undefined>
>;

/** Facts under a known key have that key's shape; any other key takes plain JSON. */
export type NoteFacts<Key extends string> = Key extends keyof KnownNotes ? Partial<KnownNotes[Key]> : Readonly<Record<string, unknown>>;
