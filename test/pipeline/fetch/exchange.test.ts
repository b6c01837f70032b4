/** One request against whatever a server may write: there is always an outcome, and it is never more than may be kept. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseHttpResponse } from "../../../formats/index.js";
import { exchange } from "../../../pipeline/fetch/exchange.js";
import { MisbehavingServer } from "./server.js";
import { localhost } from "./setting.js";

const server = new MisbehavingServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

const pieces = [
  ...[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.0 301 Moved\r\n",
    "HTTP/1.1 101 Switching\r\n",
    "HTTP/2 200\r\n",
  ],
  ...["Content-Length: 5\r\n", "Content-Length: 99999999999\r\n", "Content-Length: -1\r\n", "Transfer-Encoding: chunked\r\n"],
  ...["Content-Encoding: gzip\r\n", "Location: /x\r\n", "Retry-After: 5\r\n", "Upgrade: websocket\r\nConnection: upgrade\r\n"],
  ...["\r\n", "\n", "hello", "5\r\nhello\r\n", "0\r\n\r\n", "ffffffffff\r\n", "\0", ": no name\r\n", "\r\n\r\n", " folded\r\n"],
];
const answer = fc.array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...pieces) }, { weight: 1, arbitrary: fc.string() }), {
  maxLength: 10,
});
const limits = { connect: 20_000, headers: 20_000, total: 20_000, bytes: 64 };

describe("exchange", () => {
  it("comes to an outcome whatever the server writes before it hangs up", async () => {
    const options = { headers: {}, limits, permits: () => true, resolve: localhost, signal: new AbortController().signal };
    await fc.assert(
      fc.asyncProperty(answer, fc.boolean(), async (parts, reset) => {
        const written = Buffer.from(parts.join(""), "latin1");
        server.sites.set("any", ({ socket }) => {
          if (reset) socket.write(written, () => socket.resetAndDestroy());
          else socket.end(written);
        });
        const { outcome, request } = await exchange(new URL(`http://any.test:${server.port}/`), options);
        expect(Buffer.from(request).toString()).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
        if (outcome.kind !== "response") return;
        expect(outcome.block.length).toBeLessThanOrEqual(limits.bytes);
        expect(written.subarray(0, outcome.block.length).equals(outcome.block)).toBe(true);
        const read = parseHttpResponse(outcome.block);
        if (read.kind === "response") expect(read.status).toBe(outcome.status);
      }),
      { numRuns: 150 },
    );
  });

  it("stops where it is told to, before and while it asks", async () => {
    server.sites.set("silent", () => undefined);
    const stop = new AbortController();
    const options = { headers: {}, limits, permits: () => true, resolve: localhost, signal: stop.signal };
    const url = new URL(`http://silent.test:${server.port}/`);
    const asking = exchange(url, options);
    setTimeout(() => stop.abort(new Error("enough")), 20);
    await expect(asking).rejects.toThrow("enough");
    await expect(exchange(url, options)).rejects.toThrow("enough");
  });
});
