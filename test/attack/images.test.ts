import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openGithubForge } from "../../src/adapters/forge/github.ts";
import { IMAGE_LIMITS } from "../../src/domain/prompt/image-placeholders.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { ImageAnswer } from "../../src/ports/forge.ts";
import { picture } from "../support/forge/png.ts";

const WORKER = join(import.meta.dirname, "../../src/adapters/forge/github/images/worker.ts");
const ID = "01234567-89ab-4cde-8f01-23456789abcd";

const textOf = (answer: ImageAnswer): string => ("dropped" in answer ? answer.dropped : `${answer.width}x${answer.height}`);
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

  test("an attachment is loaded without the token", async () => {
    routes.set(asset(), { status: 200, body: picture(3, 2, [1, 2, 3, 255]) });
    expect(await fetchAll([home.url + asset()])).toEqual(["3x2"]);
    expect(seen).toEqual([{ path: asset(), authorization: undefined }]);
  });

  test("nobody is asked for an image at an address elsewhere", async () => {
    const addresses = [`${other.url}/x.png`, "not an address", "https://127.0.0.1/x.png"];
    expect(await fetchAll(addresses)).toEqual(addresses.map(() => "it is not an attachment on GitHub's own hosts"));
    expect(seen).toEqual([]);
  });

  test("a redirect of an image is followed to GitHub's own hosts, and to no other", async () => {
    const second = "11111111-89ab-4cde-8f01-23456789abcd";
    routes.set(asset(), { status: 302, location: asset(second) });
    routes.set(asset(second), { status: 200, body: picture(2, 2, [1, 2, 3, 255]) });
    expect(await fetchAll([home.url + asset()])).toEqual(["2x2"]);
    routes.set(asset(second), { status: 302, location: `${other.url}/x.png` });
    expect(await fetchAll([home.url + asset()])).toEqual(["it sends on to a host that is not GitHub's"]);
    routes.set(asset(second), { status: 302, location: asset() });
    expect(await fetchAll([home.url + asset()])).toEqual(["it sends on more than 3 times"]);
  });

  test("where a login is needed the address that the API signed is taken, and the token goes to the API alone", async () => {
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

  test("a signed address of an image that lies elsewhere is not taken", async () => {
    routes.set("/repos/acme/rocket/issues/7", {
      status: 200,
      body: Buffer.from(JSON.stringify({ body_html: `<img src="${other.url}/${ID}/x.png">` })),
    });
    routes.set("/repos/acme/rocket/issues/7/comments", { status: 200, body: Buffer.from("[]") });
    expect(await fetchAll([home.url + asset()])).toEqual(["GitHub answered 404"]);
  });

  test("loading images ends at the limits of bytes, of one image and of all", async () => {
    const body = picture(40, 40, [1, 2, 3, 255]);
    routes.set(asset(), { status: 200, body });
    expect(await fetchAll([home.url + asset()], { ...IMAGE_LIMITS, maxBytes: body.length - 1 })).toEqual(["it could not be fetched"]);
    const twice = await fetchAll([home.url + asset(), home.url + asset()], { ...IMAGE_LIMITS, maxTotalBytes: body.length + 1 });
    expect(twice).toEqual(["40x40", expect.stringMatching(/over the limit of \d+ bytes for all images/)]);
  });
});
