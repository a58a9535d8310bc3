import { expect, test } from "vitest";
import { proxyNotice } from "../../../../src/domain/egress/runner-proxy.ts";

const PROXY = "http://user:secret@proxy.example.com:3128";

test.each(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "all_proxy"])("a runner with %s is told what does not go through it", (name) => {
  const told = proxyNotice({ [name]: PROXY });
  expect(told).toContain(`\`${name}\``);
  expect(told).toContain("dial-failed");
  expect(told).toContain("NODE_USE_ENV_PROXY: 1");
  expect(told).not.toMatch(/secret|proxy\.example/);
});

test("what is already set is not asked for, and a runner without a proxy is told nothing", () => {
  expect(proxyNotice({ HTTPS_PROXY: PROXY, NODE_USE_ENV_PROXY: "1" })).not.toContain("NODE_USE_ENV_PROXY");
  expect(proxyNotice({ HTTPS_PROXY: PROXY, NO_PROXY: "internal.example.com" })).toContain("`HTTPS_PROXY`");
  for (const env of [{}, { HTTPS_PROXY: " " }, { HTTPS_PROXY: PROXY, NO_PROXY: "*" }, { https_proxy: PROXY, no_proxy: "*" }])
    expect(proxyNotice(env)).toBeUndefined();
});
