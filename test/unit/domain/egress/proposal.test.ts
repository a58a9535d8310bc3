import { expect, test } from "vitest";
import { isOwnHost, proposeAllow } from "../../../../src/domain/egress/proposal.ts";

const OWN = [
  "127.0.0.1",
  "127.0.1.1",
  "::1",
  "::ffff:127.0.0.1",
  "0.0.0.0",
  "::",
  "169.254.1.1",
  "fe80::1",
  "169.254.169.254",
  "168.63.129.16",
  "fd00:ec2::254",
  "localhost",
  "app.localhost",
  "airlock",
  "metadata.google.internal",
];

test.each(OWN)("%s means the asking machine, and no list that is proposed has it", (host) => {
  expect(isOwnHost(host)).toBe(true);
  const others = [
    { host: "example.com", port: 443 },
    { host: "db.example.net", port: 5432 },
  ];
  expect(proposeAllow([{ host, port: 443 }, ...others, { host, port: 8124 }])).toEqual(["db.example.net:5432", "example.com"]);
});

test.each(["10.0.0.1", "192.168.0.1", "8.8.8.8", "2606:4700::1111", "localhost.example.com", "notlocalhost", "airlock.example.com"])(
  "%s is another machine, and is proposed",
  (host) => {
    expect(isOwnHost(host)).toBe(false);
    expect(proposeAllow([{ host, port: 8124 }])).toHaveLength(1);
  },
);
