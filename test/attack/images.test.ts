import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decodeImage } from "../../src/adapters/forge/github/images/decoder.ts";
import { openImageHosts } from "../../src/adapters/forge/github/images/hosts.ts";
import { openGithubForge } from "../../src/adapters/forge/github.ts";
import { IMAGE_LIMITS } from "../../src/domain/prompt/image-placeholders.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { ImageAnswer } from "../../src/ports/forge.ts";

const WORKER = join(import.meta.dirname, "../../src/adapters/forge/github/images/worker.ts");
const LIMITS = { maxPixels: 1_000_000, maxSide: 64, timeoutMs: 20_000 };
const ID = "01234567-89ab-4cde-8f01-23456789abcd";

const chunk = (name: string, data: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const named = Buffer.concat([Buffer.from(name), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
};
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const header = (width: number, height: number, interlaced = 0): Buffer => {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([8, 6, 0, 0, interlaced], 8);
  return chunk("IHDR", data);
};
const png = (...chunks: readonly Buffer[]): Buffer => Buffer.concat([SIGNATURE, ...chunks, chunk("IEND", Buffer.alloc(0))]);
const picture = (width: number, height: number, pixel: readonly number[]): Buffer => {
  const row = Buffer.concat([Buffer.from([0]), Buffer.concat(Array.from({ length: width }, () => Buffer.from(pixel)))]);
  return png(header(width, height), chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))));
};
const textOf = (answer: ImageAnswer): string => ("dropped" in answer ? answer.dropped : `${answer.width}x${answer.height}`);
const decode = (bytes: Uint8Array, limits = LIMITS) => decodeImage(WORKER, { bytes, ...limits });

describe("I18: hostile images are dropped by a thread that ends, with a reason", () => {
  test.each([
    [
      "a size that is not worth reading",
      png(header(60_000, 60_000), chunk("IDAT", deflateSync(Buffer.alloc(10)))),
      /60000 by 60000 pixels, over the limit/,
    ],
    [
      "data that inflates past its size",
      png(header(8, 8), chunk("IDAT", deflateSync(Buffer.alloc(50_000_000)))),
      /does not fit its header/,
    ],
    ["data that inflates to less", png(header(8, 8), chunk("IDAT", deflateSync(Buffer.alloc(20)))), /does not fit its header/],
    [
      "interlaced rows, which inflate without bound",
      png(header(8, 8, 1), chunk("IDAT", deflateSync(Buffer.alloc(50_000_000)))),
      /interlaced/,
    ],
    ["an animation", png(header(8, 8), chunk("acTL", Buffer.alloc(8)), chunk("IDAT", deflateSync(Buffer.alloc(264)))), /animated/],
    ["a chunk longer than the file", Buffer.concat([SIGNATURE, header(8, 8), Buffer.from("ffffffff49444154", "hex")]), /ends too early/],
    ["a broken sum", Buffer.from(picture(4, 4, [1, 2, 3, 255])).fill(0, 29, 33), /could not be decoded/],
    ["two sizes", png(header(8, 8), header(9, 9), chunk("IDAT", deflateSync(Buffer.alloc(264)))), /disagree|could not be decoded/],
    ["words behind its end", Buffer.concat([picture(4, 4, [1, 2, 3, 255]), Buffer.from("run evil")]), /could not be decoded/],
    ["no width", png(header(0, 8), chunk("IDAT", deflateSync(Buffer.alloc(0)))), /header is broken/],
    ["a JPEG that loops", Buffer.from("ffd8ffc1f151d800ff51d800ffdaffde", "hex"), /could not be decoded|pixels|broken/],
    [
      "a JPEG of 4 gigapixels",
      Buffer.from("ffd8ffc00011 08ffffffff03011100021100031100".replaceAll(" ", ""), "hex"),
      /65535 by 65535 pixels/,
    ],
    ["a GIF", Buffer.from("GIF89a0000000000"), /^GIF is not loaded/],
    ["a WebP", Buffer.from("RIFF0000WEBPVP8 "), /^WebP is not loaded/],
    ["an SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><text>run evil</text></svg>'), /^SVG or HTML is not loaded/],
    ["a page", Buffer.from("<!DOCTYPE html><title>Sign in</title>"), /^SVG or HTML is not loaded/],
    ["nothing", Buffer.alloc(0), /neither PNG nor JPEG/],
  ])("%s", async (_name, bytes, reason) => {
    expect(textOf(await decode(bytes))).toMatch(reason);
  });

  test("a thread that takes too long is ended", async () => {
    const answer = await decode(picture(200, 200, [1, 2, 3, 255]), { ...LIMITS, timeoutMs: 0 });
    expect(textOf(answer)).toContain("could not be decoded within 0 seconds");
  });

  test("a thread that has no answer, or another one, is a dropped image", async () => {
    const missing = await decodeImage(join(import.meta.dirname, "no-such-worker.ts"), { bytes: Buffer.alloc(1), ...LIMITS });
    expect(textOf(missing)).toBe("it could not be decoded");
  });
});

describe("I2, I10: what comes out is a picture of our own making", () => {
  test("without the words that the file carried beside its pixels", async () => {
    const text = chunk("tEXt", Buffer.from("Comment\0run evil"));
    const whole = picture(4, 4, [200, 100, 50, 255]);
    const answer = await decode(Buffer.concat([whole.subarray(0, 33), text, whole.subarray(33)]));
    if ("dropped" in answer) throw new Error(answer.dropped);
    expect(Buffer.from(answer.png).includes("evil")).toBe(false);
    expect([...PNG.sync.read(Buffer.from(answer.png)).data.subarray(0, 4)]).toEqual([200, 100, 50, 255]);
  });

  test("laid on white, as the page does: what is transparent there is not seen here either", async () => {
    const answer = await decode(picture(4, 4, [0, 0, 0, 0]));
    if ("dropped" in answer) throw new Error(answer.dropped);
    expect([...PNG.sync.read(Buffer.from(answer.png)).data.subarray(0, 4)]).toEqual([255, 255, 255, 255]);
  });

  test("scaled down to the longest side", async () => {
    expect(textOf(await decode(picture(300, 100, [9, 9, 9, 255])))).toBe("60x20");
  });

  test("also from a JPEG", async () => {
    const { data } = jpeg.encode({ width: 40, height: 30, data: Buffer.alloc(4_800, 128) }, 90);
    expect(textOf(await decode(data))).toBe("40x30");
  });
});

describe("I4: only attachments on GitHub's own hosts", () => {
  const github = openImageHosts("https://github.com");
  test.each([
    [`https://github.com/user-attachments/assets/${ID}`, true],
    [`https://github.com/acme/rocket/assets/123/${ID}`, true],
    [`https://private-user-images.githubusercontent.com/1/2-${ID}.png?jwt=x`, true],
    ["https://user-images.githubusercontent.com/1/2.png", true],
    [`http://github.com/user-attachments/assets/${ID}`, false],
    [`https://github.com:8443/user-attachments/assets/${ID}`, false],
    [`https://me:pw@github.com/user-attachments/assets/${ID}`, false],
    [`https://github.com.evil.example/user-attachments/assets/${ID}`, false],
    [`https://github.com@evil.example/user-attachments/assets/${ID}`, false],
    ["https://github.com/acme/rocket/raw/main/a.png", false],
    ["https://github.com/user-attachments/assets/../../login", false],
    ["https://raw.githubusercontent.com/eve/x/main/a.png", false],
    ["https://camo.githubusercontent.com/abc/def", false],
    ["https://user-images.githubusercontent.com:8080/1/2.png", false],
    ["https://169.254.169.254/latest/meta-data", false],
    ["https://evil.s3.amazonaws.com/x.png", false],
    ["data:image/png;base64,AAAA", false],
    ["file:///etc/passwd", false],
  ])("%s: %s", (address, expected) => {
    expect(github.isAttachment(new URL(address))).toBe(expected);
  });

  test("an Enterprise Server has its own, and github.com is none of them", () => {
    const hosts = openImageHosts("https://git.acme.example");
    const judge = (address: string) => hosts.isAttachment(new URL(address));
    expect(judge(`https://git.acme.example/user-attachments/assets/${ID}`)).toBe(true);
    expect(judge("https://media.git.acme.example/user/1/files/x?token=y")).toBe(true);
    expect(judge(`https://github.com/user-attachments/assets/${ID}`)).toBe(false);
    expect(judge(`http://git.acme.example/user-attachments/assets/${ID}`)).toBe(false);
  });
});

interface Seen {
  readonly path: string;
  readonly authorization: string | undefined;
}

/** Stands for the server and its API; `other` for a host that is not GitHub's. */
async function listen(routes: Map<string, { status: number; location?: string; body?: Buffer }>, seen: Seen[]) {
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? "", authorization: request.headers.authorization });
    const found = routes.get((request.url ?? "").split("?")[0] ?? "") ?? { status: 404 };
    response.writeHead(found.status, {
      ...(found.location === undefined ? {} : { location: found.location }),
      "content-type": request.url?.startsWith("/repos/") ? "application/json" : "image/png",
    });
    response.end(found.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("I2, I4: the fetch", () => {
  const routes = new Map<string, { status: number; location?: string; body?: Buffer }>();
  const seen: Seen[] = [];
  const otherSeen: Seen[] = [];
  let home: Awaited<ReturnType<typeof listen>>;
  let other: Awaited<ReturnType<typeof listen>>;
  beforeAll(async () => {
    home = await listen(routes, seen);
    other = await listen(new Map([["/x.png", { status: 200, body: picture(2, 2, [1, 2, 3, 255]) }]]), otherSeen);
  });
  beforeEach(() => {
    routes.clear();
    seen.length = 0;
  });
  afterAll(async () => {
    expect(otherSeen).toEqual([]);
    for (const { server } of [home, other]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  const asset = (id = ID) => `/user-attachments/assets/${id}`;
  const fetchAll = async (addresses: readonly string[], limits = IMAGE_LIMITS) => {
    const forge = openGithubForge({
      repository: "acme/rocket",
      apiUrl: home.url,
      serverUrl: home.url,
      token: new Secret("ghs_one"),
      imageWorkerPath: WORKER,
      pacing: { secondMs: 1, maxRetries: 0 },
    });
    return ((await forge.readImages?.(7, addresses, limits)) ?? []).map(textOf);
  };

  test("loads an attachment without the token", async () => {
    routes.set(asset(), { status: 200, body: picture(3, 2, [1, 2, 3, 255]) });
    expect(await fetchAll([home.url + asset()])).toEqual(["3x2"]);
    expect(seen).toEqual([{ path: asset(), authorization: undefined }]);
  });

  test("asks nobody for an address elsewhere", async () => {
    const addresses = [`${other.url}/x.png`, "not an address", "https://127.0.0.1/x.png"];
    expect(await fetchAll(addresses)).toEqual(addresses.map(() => "it is not an attachment on GitHub's own hosts"));
    expect(seen).toEqual([]);
  });

  test("follows a redirect to GitHub's own, and no other", async () => {
    const second = "11111111-89ab-4cde-8f01-23456789abcd";
    routes.set(asset(), { status: 302, location: asset(second) });
    routes.set(asset(second), { status: 200, body: picture(2, 2, [1, 2, 3, 255]) });
    expect(await fetchAll([home.url + asset()])).toEqual(["2x2"]);
    routes.set(asset(second), { status: 302, location: `${other.url}/x.png` });
    expect(await fetchAll([home.url + asset()])).toEqual(["it sends on to a host that is not GitHub's"]);
    routes.set(asset(second), { status: 302, location: asset() });
    expect(await fetchAll([home.url + asset()])).toEqual(["it sends on more than 3 times"]);
  });

  test("takes the address that the API signed where a login is needed, and sends the token to the API alone", async () => {
    const signed = `/storage/user/1/files/${ID}`;
    routes.set(asset(), { status: 302, location: "/login" });
    routes.set("/repos/acme/rocket/issues/7", {
      status: 200,
      body: Buffer.from(JSON.stringify({ body_html: `<p><img alt="" src="${home.url}${signed}?a=1&amp;b=2"></p>` })),
    });
    routes.set("/repos/acme/rocket/issues/7/comments", { status: 200, body: Buffer.from("[]") });
    routes.set(signed, { status: 200, body: picture(5, 5, [1, 2, 3, 255]) });
    expect(await fetchAll([home.url + asset()])).toEqual(["5x5"]);
    expect(seen.filter(({ authorization }) => authorization !== undefined).map(({ path }) => path.split("?")[0])).toEqual([
      "/repos/acme/rocket/issues/7",
      "/repos/acme/rocket/issues/7/comments",
    ]);
    expect(seen.at(-1)).toEqual({ path: `${signed}?a=1&b=2`, authorization: undefined });
  });

  test("does not take a signed address that lies elsewhere", async () => {
    routes.set("/repos/acme/rocket/issues/7", {
      status: 200,
      body: Buffer.from(JSON.stringify({ body_html: `<img src="${other.url}/${ID}/x.png">` })),
    });
    routes.set("/repos/acme/rocket/issues/7/comments", { status: 200, body: Buffer.from("[]") });
    expect(await fetchAll([home.url + asset()])).toEqual(["GitHub answered 404"]);
  });

  test("ends at the limits of bytes, of one image and of all", async () => {
    const body = picture(40, 40, [1, 2, 3, 255]);
    routes.set(asset(), { status: 200, body });
    expect(await fetchAll([home.url + asset()], { ...IMAGE_LIMITS, maxBytes: body.length - 1 })).toEqual(["it could not be fetched"]);
    const twice = await fetchAll([home.url + asset(), home.url + asset()], { ...IMAGE_LIMITS, maxTotalBytes: body.length + 1 });
    expect(twice).toEqual(["40x40", expect.stringMatching(/over the limit of \d+ bytes for all images/)]);
  });
});
