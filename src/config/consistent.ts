import { writtenRules } from "../domain/egress/auto.ts";
import { parsePolicy } from "../domain/egress/policy.ts";
import { AirlockError } from "../domain/errors.ts";
import type { Config } from "./config.ts";

/** @throws AirlockError `input.invalid` or `input.missing` for inputs that contradict each other, `policy.invalid` */
export function requireConsistent(config: Config): void {
  requireCommand(config);
  // Host rules are read again when the policy is resolved; a rule that cannot be read is told before anything starts.
  const { allow, deny } = config.settings.network;
  parsePolicy({ allow: writtenRules(allow), deny });
}

function requireCommand({ agent, settings }: Config): void {
  const { command } = settings.agent;
  if (agent === "command" && command.length === 0) {
    throw new AirlockError("input.missing", {
      message: "Input `agent` is `command`, but `agent-command` is empty.",
      remedy: "Set `agent-command` to the program and its arguments, one per line.",
    });
  }
  if (agent !== "command" && command.length > 0) {
    throw new AirlockError("input.invalid", {
      message: `Input \`agent-command\` is set, but \`agent\` is \`${agent}\`.`,
      remedy: "Set `agent` to `command`, or leave `agent-command` out and use `agent-args`.",
    });
  }
}
