import type { Finding } from "../patch.ts";
import type { GateSettings } from "../settings.ts";
import type { TreeContext } from "./context.ts";
import { finding } from "./finding.ts";

const MEDIA = /\.(?:png|jpe?g|gif|webp|avif|ico|bmp|woff2?|ttf|otf|mp[34]|ogg|wav|webm|pdf)$/i;

export function checkCount({ patch, settings }: TreeContext): readonly Finding[] {
  const { length } = patch.changes;
  if (length <= settings.maxFiles) return [];
  return [
    finding({
      code: "too-many-files",
      reason: `The patch changes ${length} files; the limit is ${settings.maxFiles}.`,
    }),
  ];
}

/** `bytes`: what the patch adds, counted by `addedBytes`. */
export function checkSize(bytes: number, settings: GateSettings): readonly Finding[] {
  if (bytes <= settings.maxPatchBytes) return [];
  return [
    finding({
      code: "too-large",
      reason: `The patch brings ${Math.ceil(bytes / 1024)} KiB; the limit is ${Math.floor(settings.maxPatchBytes / 1024)} KiB.`,
    }),
  ];
}

/** Files that no reader can review. */
export function checkBinary({ patch }: TreeContext): readonly Finding[] {
  return patch.changes
    .filter(({ binary, after }) => binary && after !== undefined)
    .map(({ path, after }) =>
      finding({
        code: "binary",
        severity: MEDIA.test(path) ? "notice" : "draft",
        path,
        reason: `The file is binary, ${after?.size ?? 0} bytes, and cannot be read in a review.`,
      }),
    );
}
