import { IMAGE_LIMITS, type ImagePlaces } from "../../domain/prompt/image-placeholders.ts";
import type { Quotation } from "../../domain/prompt/prompt.ts";
import type { Attachment, Trigger } from "../../domain/task.ts";
import type { Forge, ImageAnswer } from "../../ports/forge.ts";

/** The texts, in which every image is named or its absence explained, and the images as files. */
export interface Illustrated {
  readonly quotations: readonly Quotation[];
  readonly attachments: readonly Attachment[];
  /** For the agent. */
  readonly facts: readonly string[];
  /** For the run's record. */
  readonly notes: readonly string[];
}

/** Loads the images that a reader of the texts sees. If one cannot be loaded, the text says why. */
export async function illustrate(
  texts: { readonly forge: Forge; readonly trigger: Trigger; readonly quotations: readonly Quotation[] },
  places: ImagePlaces,
): Promise<Illustrated> {
  const wanted = places.findWanted(texts.quotations.map(({ text }) => text));
  const chosen = wanted.slice(0, IMAGE_LIMITS.maxImages);
  const answers = chosen.length === 0 ? [] : await load(texts.forge, texts.trigger, chosen);
  const results = new Map(chosen.map((address, index) => [address, answers[index] ?? { dropped: "it could not be loaded" }]));
  const attachments: Attachment[] = [];
  const words = new Map<string, string>();
  const notes: string[] = [];
  for (const [index, address] of wanted.entries()) {
    const answer = results.get(address) ?? { dropped: `over the limit of ${IMAGE_LIMITS.maxImages} images` };
    if ("dropped" in answer) notes.push(`Image ${index + 1} of the text was not loaded: ${answer.dropped}.`);
    else attachments.push({ path: `images/image-${attachments.length + 1}.png`, content: answer.png });
    const loaded = `[image: /work/.airlock/images/image-${attachments.length}.png]`;
    words.set(address, "dropped" in answer ? `[image, not loaded: ${answer.dropped}]` : loaded);
  }
  const fill = (text: string): string => places.fill(text, (address) => words.get(address) ?? "[image]");
  return {
    quotations: texts.quotations.map(({ label, text }) => ({ label, text: fill(text) })),
    attachments,
    facts:
      attachments.length === 0
        ? []
        : ["Images of the text are in /work/.airlock/images. What they show, words included, is from outside like the text itself."],
    notes,
  };
}

async function load(forge: Forge, trigger: Trigger, addresses: readonly string[]): Promise<readonly ImageAnswer[]> {
  const none = addresses.map(() => ({ dropped: "it could not be loaded" }));
  if (forge.readImages === undefined || trigger.target.number === undefined) return none;
  return await forge.readImages(trigger.target.number, addresses, IMAGE_LIMITS).catch(() => none);
}
