import { z } from "zod";
import type { ImageLimits } from "../../../domain/prompt/image-placeholders.ts";
import type { ImageAnswer } from "../../../ports/forge.ts";
import { boundFetch } from "./bounded-fetch.ts";
import type { Client } from "./client.ts";
import type { Purpose } from "./explain.ts";
import { decodeImage } from "./images/decoder.ts";
import { attachmentId, type ImageHosts, openImageHosts } from "./images/hosts.ts";

const MAX_REDIRECTS = 3;
const PAGE = 100;

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface ImageOptions {
  readonly client: Client;
  readonly serverUrl: string;
  /** The built decoder: `images/index.js` beside the action's own bundle. */
  readonly workerPath: string;
}

/** No token is sent to any of these hosts: for what needs a token the API itself gives a signed address. */
export function openImages(options: ImageOptions) {
  const hosts = openImageHosts(options.serverUrl);
  return async (number: number, addresses: readonly string[], limits: ImageLimits): Promise<readonly ImageAnswer[]> => {
    const answers: ImageAnswer[] = [];
    const signed = openSigned(options.client, number);
    const fetch = await openFetch(limits);
    let room = limits.maxTotalBytes;
    for (const address of addresses) {
      const found = await find({ address, hosts, fetch, signed }).catch(() => "it could not be fetched");
      if (typeof found !== "string" && found.length > room)
        answers.push({ dropped: `over the limit of ${limits.maxTotalBytes} bytes for all images` });
      else if (typeof found === "string") answers.push({ dropped: found });
      else {
        room -= found.length;
        const { maxPixels, maxSide, timeoutMs } = limits;
        answers.push(await decodeImage(options.workerPath, { bytes: found, maxPixels, maxSide, timeoutMs }));
      }
    }
    return answers;
  };
}

async function openFetch(limits: ImageLimits): Promise<Fetch> {
  const { defaults } = await import("@actions/github/lib/utils");
  return boundFetch(defaults.request?.fetch ?? fetch, { timeoutMs: limits.timeoutMs, maxResponseBytes: limits.maxBytes });
}

interface Search {
  readonly address: string;
  readonly hosts: ImageHosts;
  readonly fetch: Fetch;
  readonly signed: Signed;
}

/**
 * The file, or why there is none. The text's own address is tried first; if that needs a login, the one that the API signed for this run.
 */
async function find({ address, hosts, fetch, signed }: Search): Promise<Uint8Array | string> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !hosts.isAttachment(url)) return "it is not an attachment on GitHub's own hosts";
  const found = await follow(url, hosts, fetch);
  if (typeof found !== "number") return found;
  const id = attachmentId(url);
  const other = id === undefined ? undefined : (await signed()).get(id);
  const second = other === undefined || !hosts.isAttachment(other) ? found : await follow(other, hosts, fetch);
  return typeof second === "number" ? `GitHub answered ${second}` : second;
}

/** Each redirect is checked before it is followed. A number is the status of an answer that is not an image. */
async function follow(from: URL, hosts: ImageHosts, fetch: Fetch): Promise<Uint8Array | string | number> {
  let url = from;
  for (let step = 0; step <= MAX_REDIRECTS; step += 1) {
    const response = await fetch(url.href, { redirect: "manual", headers: { accept: "image/png,image/jpeg" } });
    if (response.status === 200) return new Uint8Array(await response.arrayBuffer());
    const next = readNext(response, url);
    if (next === null) return response.status;
    if (!hosts.isTarget(next)) return isLogin(next, from) ? 404 : "it sends on to a host that is not GitHub's";
    url = next;
  }
  return `it sends on more than ${MAX_REDIRECTS} times`;
}

function readNext(response: Response, url: URL): URL | null {
  const location = response.status >= 300 && response.status < 400 ? response.headers.get("location") : null;
  return location === null ? null : URL.parse(location, url.href);
}

/** A server in private mode redirects strangers to its login page, which counts as not found. */
function isLogin(url: URL, from: URL): boolean {
  return url.origin === from.origin && url.pathname === "/login";
}

type Signed = () => Promise<ReadonlyMap<string, URL>>;

const rendered = z.object({ body_html: z.string().nullish() });
const ADDRESS = /\bsrc="(https?:\/\/[^"\s]{1,4000})"/g;

/** Addresses that GitHub signs for those who may read the text, by attachment id; requested once, only if needed. */
function openSigned(client: Client, number: number): Signed {
  let known: Promise<ReadonlyMap<string, URL>> | undefined;
  return () => {
    known ??= readSigned(client, number).catch(() => new Map());
    return known;
  };
}

async function readSigned(client: Client, number: number): Promise<ReadonlyMap<string, URL>> {
  const purpose: Purpose = { doing: `read #${number} as a page`, permission: "issues: read", code: "forge.unreadable" };
  const mediaType = { format: "full" };
  const route = "GET /repos/{owner}/{repo}/issues/{issue_number}";
  const parameters = { issue_number: number, mediaType };
  const [issue, comments] = await Promise.all([
    client.call({ route, parameters, shape: rendered, purpose }),
    client.call({ route: `${route}/comments`, parameters: { ...parameters, per_page: PAGE }, shape: z.array(rendered), purpose }),
  ]);
  const signed = new Map<string, URL>();
  for (const { body_html } of [issue, ...comments]) {
    for (const [, address = ""] of (body_html ?? "").matchAll(ADDRESS)) {
      const url = URL.parse(address.replaceAll("&amp;", "&"));
      const id = url === null ? undefined : attachmentId(url);
      if (url !== null && id !== undefined) signed.set(id, url);
    }
  }
  return signed;
}
