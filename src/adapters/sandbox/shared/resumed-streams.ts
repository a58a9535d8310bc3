import type { Duplex } from "node:stream";
import { openResumableStream } from "../../../wire/resumable-stream/resumable-stream.ts";

/** Loopback ports in the guest at which `serve --listen` waits. */
export const RESUMED_PORTS = { control: 3127, egress: 3126 } as const;

export interface ResumedStreamsOptions {
  /** 32 random bytes, given to the guest in a file. */
  readonly token: Uint8Array;
  /** Dials the guest's loopback port through the provider's authenticated way in. */
  readonly dial: (port: number, signal: AbortSignal) => Promise<Duplex>;
  /** How long a stream may be without a link. Default 60 s. */
  readonly giveUpMs?: number;
  readonly notify: (line: string) => void;
}

/** The two byte streams of a sandbox whose connections may drop: each is dialled again and continues where it was. */
export function openResumedStreams(options: ResumedStreamsOptions): { readonly control: Duplex; readonly egress: Duplex } {
  const open = (name: keyof typeof RESUMED_PORTS): Duplex => {
    let lost = false;
    const resumable = openResumableStream({
      role: "runner",
      token: options.token,
      connect: (signal) => options.dial(RESUMED_PORTS[name], signal),
      ...(options.giveUpMs === undefined ? {} : { giveUpMs: options.giveUpMs }),
      onLink({ up, reason }) {
        if (!up && !lost) options.notify(`The ${name} stream to the sandbox broke (${reason}); dialling again.`);
        lost = !up;
      },
    });
    return resumable.stream;
  };
  return { control: open("control"), egress: open("egress") };
}
