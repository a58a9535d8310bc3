import { parsePolicy } from "../domain/egress/policy.ts";
import { AirlockError } from "../domain/errors.ts";
import type { Settings } from "../domain/settings.ts";
import { AVAILABLE } from "./available.ts";

/** @throws AirlockError `input.unsupported` for what this version cannot do, `input.invalid` or `input.missing` for inputs that contradict each other, `policy.invalid` */
export function requireSupported(settings: Settings): void {
  requireWord("agent", settings.agent.name, AVAILABLE.agent);
  requireWord("provider", settings.sandbox.provider, AVAILABLE.provider);
  requireCommand(settings);
  requireRules(settings);
  if (settings.verification.attempts > 1) {
    throw new AirlockError("input.unsupported", {
      message: `Input \`attempts\` is ${settings.verification.attempts}, but this version runs one attempt.`,
      remedy: "Set `attempts` to 1 or leave it out.",
    });
  }
}

/** Host rules are read again when the policy is resolved; a rule that cannot be read is told before anything starts. */
function requireRules({ network }: Settings): void {
  parsePolicy({ allow: network.allow, deny: network.deny });
}

function requireWord(input: string, value: string, available: readonly string[]): void {
  if (available.includes(value)) return;
  const list = available.map((word) => `\`${word}\``).join(", ");
  throw new AirlockError("input.unsupported", {
    message: `Input \`${input}\` is \`${value}\`, which this version cannot run.`,
    remedy: `Set \`${input}\` to one of ${list}.`,
  });
}

function requireCommand(settings: Settings): void {
  const { name, command } = settings.agent;
  if (name === "command" && command.length === 0) {
    throw new AirlockError("input.missing", {
      message: "Input `agent` is `command`, but `agent-command` is empty.",
      remedy: "Set `agent-command` to the program and its arguments, one per line.",
    });
  }
  if (name !== "command" && command.length > 0) {
    throw new AirlockError("input.invalid", {
      message: `Input \`agent-command\` is set, but \`agent\` is \`${name}\`.`,
      remedy: "Set `agent` to `command`, or leave `agent-command` out and use `agent-args`.",
    });
  }
}
