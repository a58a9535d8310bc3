import type { TriggerSettings } from "../settings.ts";

/** One comment that tells a person why nothing started. Holds no text from outside but checked logins. */
export function renderRefusal(objection: { readonly reason: string; readonly remedy: string }, phrase: string): string {
  return [`**Airlock did not start.** ${objection.reason}`, "", objection.remedy, "", `<sub>Commands: \`${phrase} help\`</sub>`].join("\n");
}

/** One comment that tells a person why it could not be told who may start a run. Holds no text from outside: no word of what failed. */
export function renderOpen(remedy: string, phrase: string): string {
  const reason = "GitHub did not answer when it was asked who may start a run, so nothing was started.";
  return [`**Airlock could not start.** ${reason}`, "", remedy, "", `<sub>Commands: \`${phrase} help\`</sub>`].join("\n");
}

/** The answer to `help`, and to a word that is no command. */
export function renderHelp(trigger: TriggerSettings, reason: string): string {
  const { phrase, label } = trigger;
  return [
    `**Airlock.** ${reason} Someone with write permission can start it:`,
    "",
    `- label \`${label}\`, or \`${phrase} fix …\`: work on this and open a pull request; what follows \`fix\` is read as an instruction`,
    `- \`${phrase} review\`: review this pull request`,
    `- \`${phrase} retry\`: do the last \`fix\` or \`review\` of this conversation again, with its instruction; without one, review a pull request or work on an issue`,
    `- \`${phrase} stop\`: end the run that is under way here`,
    "",
    "The command stands at the start of a line, outside quotes and code.",
  ].join("\n");
}
