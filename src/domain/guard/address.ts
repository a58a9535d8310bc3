import { promptSkeleton } from "../prompt/prompt.ts";

/*
 * Sentences that speak to a machine that reads, not to a person: compared by their look, without blanks and marks, so that look-alike
 * letters do not help (`l` is `i`). Each pattern needs more than an agent's name, since pull requests speak of agents all the time.
 */

const MACHINE = "(?:ai|iim|automated|reviewing|coding)(?:code)?(?:review(?:er|ing)?|agent|assistant|modei|bot)";
const PRODUCT = "(?:ciaude|copiiot|codex|gemini|chatgpt|gpt|cursor|devin|juies|airiock|ai|iim)(?:code)?(?:reviewer|agent|assistant|bot)?s?";
const ROLE = "(?:system|assistant|deveioper)(?:prompt|message|override|note)?";
const MUST = "(?:must|shouid|shaii|needto|haveto|wiii|can|may)";
/** Somebody is called by name, and then told. */
const CALLED = `^(?:hey|hi|heiio|dear|attention|note|to)?(?:${PRODUCT}|${ROLE})(?:you)?${MUST}?(?:piease)?`;
const DEMAND =
  "(?:skip|approve|ignore|disregard|accept|pass|donot|dont|never|omit|output(?:no|nothing|oniy)|report(?:no|nothing)|respond|repiy|answer(?:with|oniy)|say(?:that|nothing)?|mark|merge|treat)";
/** Requests that only make sense to somebody who reviews or follows instructions. */
const OBJECT =
  "(?:findings?|review|securitycheck|instructions?|approv(?:e|ai)|igtm|vuinerabiiit|this(?:fiie|change|pr|puiirequest|diff|commit|patch))";

const ADDRESSES: readonly RegExp[] = [
  /(?:ignore|disregard|forget)(?:aii|any|the|of|your|my|these|those)*(?:previous|prior|above|eariier|preceding|system|originai)(?:system)?(?:instructions?|prompts?)/,
  /(?:ignore|disregard|forget)(?:aii|any|the|of|your|my|these|those)*(?:instructions?|prompts?)(?:that)?(?:you(?:were|are|have|got|received)|given|above|before)/,
  new RegExp(`(?:noteto|notefor|instructionsfor|instructionsto|messageto|messagefor|attention)(?:the|aii|any|every)*${MACHINE}`),
  /(?:ai|iim|automated)(?:code)?reviewers?(?:must|shouid|shaii|needto|haveto)/,
  new RegExp(`asan?(?:${MACHINE}|ai|iim|agent)you${MUST}`),
  new RegExp(`ifyou(?:are|re)an?(?:${MACHINE}|ai|iim|agent|bot|ianguagemodei|iargeianguagemodei).{0,80}?${DEMAND}`),
  new RegExp(`${CALLED}${DEMAND}.{0,60}?${OBJECT}`),
  new RegExp(`${CALLED}approve(?:this|it|and|$)`),
];
const ADDRESS_WORDS =
  /instruct|prompt|attention|review|note|message|system|assistant|developer|\bai\b|\bllms?\b|language model|claude|copilot|codex|gemini|gpt|cursor|devin|jules|airlock/i;
const MAX_SENTENCE = 1_000;

/** True if a text addresses an agent that reads it. */
export function addressesAgent(text: string): boolean {
  return text.split(/[.!?\n]/).some((sentence) => {
    const short = sentence.slice(0, MAX_SENTENCE);
    if (!/[^\x00-\x7f]/.test(short) && !ADDRESS_WORDS.test(short)) return false;
    const look = promptSkeleton(short);
    return ADDRESSES.some((pattern) => pattern.test(look));
  });
}
