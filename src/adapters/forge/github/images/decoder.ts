import { Worker } from "node:worker_threads";
import { z } from "zod";
import type { ImageAnswer } from "../../../../ports/forge.ts";
import type { DecodeRequest } from "./worker.ts";

const MAX_HEAP_MB = 256;

const answer: z.ZodType<ImageAnswer> = z.union([
  z.object({ dropped: z.string().max(300) }),
  z.object({ png: z.instanceof(Uint8Array), width: z.number().int().positive(), height: z.number().int().positive() }),
]);

export interface Decoding extends DecodeRequest {
  readonly timeoutMs: number;
}

/**
 * Decodes one image in a thread of its own, with no environment, a bounded heap and a time limit. The thread gets one image and gives one
 * answer; if it does anything else, the image is dropped.
 */
export async function decodeImage(workerPath: string, { timeoutMs, ...request }: Decoding): Promise<ImageAnswer> {
  const worker = new Worker(workerPath, {
    workerData: request satisfies DecodeRequest,
    env: {},
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ImageAnswer>((resolve) => {
      timer = setTimeout(() => resolve({ dropped: `it could not be decoded within ${timeoutMs / 1_000} seconds` }), timeoutMs);
      worker.once("message", (message) => resolve(answer.safeParse(message).data ?? { dropped: "it could not be decoded" }));
      worker.once("error", () => resolve({ dropped: "it could not be decoded" }));
      worker.once("exit", () => resolve({ dropped: "it could not be decoded" }));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
