import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { compress } from "@bokuweb/zstd-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type HttpResponse, loadZstd, parseHttpResponse } from "../../formats/index.js";

beforeAll(loadZstd);

const page = Buffer.from(
  "<!doctype html><title>a page</title><p>and its text, long enough to be compressed, compressed, compressed",
);

function block(head: string, body: Uint8Array | string = ""): Uint8Array {
  return Buffer.concat([Buffer.from(head, "latin1"), typeof body === "string" ? Buffer.from(body, "latin1") : body]);
}

function response(head: string, body: Uint8Array | string = ""): HttpResponse {
  const parsed = parseHttpResponse(block(head, body));
  if (parsed.kind === "fault") throw new Error(`${parsed.fault}: ${parsed.detail}`);
  return parsed;
}

function withFields(fields: string, body: Uint8Array | string): HttpResponse {
  return response(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`, body);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

const chunked = "Transfer-Encoding: chunked";

describe("status line and fields", () => {
  test.each([
    ["HTTP/1.1 200 OK\r\n\r\n", "1.1", 200, "OK"],
    ["HTTP/1.0 404 Not Found\n\n", "1.0", 404, "Not Found"],
    ["HTTP/2 200\r\n\r\n", "2", 200, ""],
    ["HTTP/2 200 \r\n\r\n", "2", 200, ""],
    ["http/1.1  999 Request denied\r\n\r\n", "1.1", 999, "Request denied"],
  ])("%j", (head, version, status, reason) => {
    expect(response(head, "body")).toMatchObject({ version, status, reason, notes: [] });
    expect(text(response(head, "body").body)).toBe("body");
  });

  test.each([
    "",
    "\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "HTTP/1.1 20 OK\r\n\r\n",
    "HTTP/1.1 2000\r\n\r\n",
    "<html>",
    "HTTP/1.1\r\n\r\n",
  ])("%j is not HTTP", (head) => {
    expect(parseHttpResponse(block(head))).toMatchObject({ kind: "fault", fault: "not-http" });
  });

  test("keeps the field block as sent, repaired to UTF-8, and finds single fields in it", () => {
    const fields = "A: 1\r\nx-b:\t two \r\n  folded\r\n\tagain\r\na: \xe9\r\nno field\r\n: nameless\r\nLocation: /x";
    const { headers } = withFields(fields, "");
    expect(Buffer.from(headers.block).toString()).toBe(`${fields.replace("\xe9", "\ufffd")}\r\n`);
    expect(headers.all("a")).toEqual(["1", "\ufffd"]);
    expect([headers.first("a"), headers.last("a"), headers.last("none")]).toEqual(["1", "\ufffd", undefined]);
    expect(headers.first("x-b")).toBe("two folded again");
    expect(headers.first("location")).toBe("/x");
    expect(headers.first("constructor")).toBeUndefined();
  });

  test.each([
    ["text/html", "text/html", undefined],
    ["Text/HTML; Charset=UTF-8", "text/html", "UTF-8"],
    ['text/html;a=b; charset="iso-8859-1"', "text/html", "iso-8859-1"],
    ["text/html; charset=a, text/html", "text/html", "a"],
    ["text/html; charset=a\r\nContent-Type: text/plain", "text/plain", undefined],
    ["nonsense\r\nContent-Type: */*", "", undefined],
    ["", "", undefined],
  ])("Content-Type: %j", (value, mediaType, charset) => {
    expect(withFields(`Content-Type: ${value}`, "")).toMatchObject({ mediaType, charset });
  });

  test("a header without an end has no body, and one above its limit is too large", () => {
    expect(response("HTTP/1.1 200 OK\r\nA: 1\r\nB: 2")).toMatchObject({ notes: ["no-header-end"], body: Buffer.alloc(0) });
    expect(response("HTTP/1.1 200 OK")).toMatchObject({ notes: ["no-header-end"] });
    const long = block(`HTTP/1.1 200 OK\r\nA: ${"x".repeat(2 ** 18)}\r\n\r\n`);
    expect(parseHttpResponse(long)).toMatchObject({ fault: "too-large" });
  });

  test("interim responses before the final one are passed over", () => {
    const parsed = response(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\n\r\n",
      "body",
    );
    expect(parsed).toMatchObject({ status: 200, notes: ["interim"] });
    expect(text(parsed.body)).toBe("body");
  });
});

describe("chunked bodies", () => {
  test.each([
    ["5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world", []],
    ["5\nhello\n0\n\n", "hello", []],
    ["00005  ;name=value\r\nhello\r\n0\r\nTrailer: x\r\n\r\n", "hello", []],
    ["A\r\n0123456789\r\n", "0123456789", ["chunked-cut"]],
    ["A\r\n01234", "01234", ["chunked-cut"]],
    ["5\r\nhello\r\n5", "hello", ["chunked-cut"]],
    ["5\r\nhelloworld\r\n0\r\n\r\n", "hello", ["chunked-damaged"]],
    ["5\r\nhello\r\nzz\r\n", "hello", ["chunked-damaged"]],
    ["0\r\n\r\n", "", []],
    ["", "", []],
    ["<html>", "<html>", ["not-chunked"]],
    ["add", "add", ["not-chunked"]],
    ["cafe\u0301 open", "cafe\u0301 open", ["not-chunked"]],
    ["\r\n", "\r\n", ["not-chunked"]],
    ["fffffffffffffffff\r\n", "fffffffffffffffff\r\n", ["not-chunked"]],
  ])("%j", (body, expected, notes) => {
    const parsed = withFields(chunked, Buffer.from(body));
    expect([Buffer.from(parsed.body).toString(), parsed.notes]).toEqual([expected, notes]);
  });

  test("a body of many chunks of one byte is joined", () => {
    const parsed = withFields(chunked, `${"1\r\na\r\n".repeat(300_000)}0\r\n\r\n`);
    expect(parsed.body.length).toBe(300_000);
  });
});

describe("content encodings", () => {
  test.each([
    ["gzip", gzipSync(page)],
    ["x-gzip", gzipSync(page)],
    ["GZIP", Buffer.concat([gzipSync(page.subarray(0, 20)), gzipSync(page.subarray(20))])],
    ["deflate", deflateSync(page)],
    ["deflate", deflateRawSync(page)],
    ["br", brotliCompressSync(page)],
    ["identity", page],
    ["gzip, identity, br", brotliCompressSync(gzipSync(page))],
    ["deflate\r\nContent-Encoding: gzip,gzip", gzipSync(gzipSync(deflateSync(page)))],
  ])("%s", (encoding, body) => {
    const parsed = withFields(`Content-Encoding: ${encoding}`, body);
    expect([text(parsed.body), parsed.notes]).toEqual([text(page), []]);
  });

  test("zstd, in one frame or several", () => {
    const frames = [page.subarray(0, 30), page.subarray(30)].map((part) => compress(part));
    for (const body of [compress(page), Buffer.concat(frames)]) {
      expect(text(withFields("Content-Encoding: zstd", body).body)).toBe(text(page));
    }
  });

  test("under chunks, and as a transfer coding", () => {
    const zipped = gzipSync(page);
    const chunks = `${zipped.length.toString(16)}\r\n${text(zipped)}\r\n0\r\n\r\n`;
    expect(text(withFields(`Content-Encoding: gzip\r\n${chunked}`, chunks).body)).toBe(text(page));
    expect(text(withFields("Transfer-Encoding: gzip, chunked", chunks).body)).toBe(text(page));
  });

  test.each(["gzip", "deflate", "br", "zstd"])("a decoded body that still says %s is taken as it is", (encoding) => {
    const parsed = withFields(`Content-Encoding: ${encoding}`, page);
    expect([text(parsed.body), parsed.notes]).toEqual([text(page), [`not-${encoding}`]]);
    expect(withFields(`Content-Encoding: ${encoding}`, "").notes).toEqual([]);
  });

  test("a word that is no encoding is passed over, one that cannot be undone is a fault", () => {
    expect(withFields("Content-Encoding: utf-8", page).notes).toEqual(["unknown-encoding"]);
    const fault = (encoding: string) => parseHttpResponse(block(`HTTP/1.1 200\r\nContent-Encoding: ${encoding}\r\n\r\n`, page));
    expect(fault("compress")).toMatchObject({ fault: "unsupported-encoding" });
    expect(fault("gzip,gzip,gzip,gzip,gzip")).toMatchObject({ fault: "unsupported-encoding" });
  });

  test("a damaged or cut body is a fault", () => {
    for (const [encoding, body] of [
      ["gzip", gzipSync(page)],
      ["deflate", deflateSync(page)],
      ["br", brotliCompressSync(page)],
      ["zstd", Buffer.from(compress(page))],
    ] as const) {
      const cut = block(`HTTP/1.1 200\r\nContent-Encoding: ${encoding}\r\n\r\n`, body.subarray(0, body.length - 6));
      expect(parseHttpResponse(cut)).toMatchObject({ fault: "corrupt-encoding" });
    }
    const damaged = gzipSync(page);
    damaged[damaged.length - 8] ^= 1;
    expect(parseHttpResponse(block("HTTP/1.1 200\r\nContent-Encoding: gzip\r\n\r\n", damaged))).toMatchObject({
      fault: "corrupt-encoding",
    });
  });

  test("a bomb is a fault, at whichever depth it lies", () => {
    const zeros = Buffer.alloc(2 ** 22);
    const limits = { bodyBytes: 2 ** 20 };
    for (const [encoding, body] of [
      ["gzip", gzipSync(zeros)],
      ["deflate", deflateSync(zeros)],
      ["deflate", deflateRawSync(zeros)],
      ["br", brotliCompressSync(zeros)],
      ["zstd", compress(zeros)],
      ["gzip,gzip", gzipSync(gzipSync(zeros))],
      ["identity", zeros],
    ] as const) {
      const parsed = parseHttpResponse(block(`HTTP/1.1 200\r\nContent-Encoding: ${encoding}\r\n\r\n`, body), limits);
      expect([encoding, parsed]).toMatchObject([encoding, { fault: "too-large" }]);
    }
  });
});

describe("hostile responses", () => {
  const heads = [
    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n",
    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nX: a\n b\n",
    "HTTP/2 301\r\nContent-Encoding: gzip\r\nLocation: /\r\n",
    "HTTP/1.1 200 OK\r\nContent-Encoding: br, zstd\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n",
  ];

  test("any bytes give a response or a fault", () => {
    const valid = fc
      .tuple(
        fc.constantFrom(...heads),
        fc.constantFrom("\r\n", "\n", ""),
        fc.oneof(fc.uint8Array({ maxLength: 300 }), bodies()),
      )
      .map(([head, end, body]) => Buffer.concat([Buffer.from(head + end), body]));
    const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 });
    fc.assert(
      fc.property(fc.oneof(fc.tuple(valid, edits), fc.tuple(fc.uint8Array(), edits)), ([bytes, changes]) => {
        const changed = Buffer.from(bytes);
        for (const [at, value] of changes) if (changed.length > 0) changed[at % changed.length] = value;
        const parsed = parseHttpResponse(changed);
        if (parsed.kind === "fault") return;
        expect(parsed.status).toBeGreaterThanOrEqual(100);
        expect(parsed.mediaType).toBe(parsed.mediaType.toLowerCase());
        expect(parsed.body).toBeInstanceOf(Uint8Array);
        for (const value of parsed.headers.all("x")) expect(value).toBe(value.trim());
      }),
      { numRuns: 1500 },
    );
  });

  test.each([
    ["header lines", `HTTP/1.1 200\r\n${"a:\r\n".repeat(50_000)}\r\n`],
    ["folded lines", `HTTP/1.1 200\r\nA: b\r\n${" c\r\n".repeat(50_000)}\r\n`],
    ["encodings", `HTTP/1.1 200\r\nContent-Encoding: ${"x,".repeat(100_000)}gzip\r\n\r\n`],
    ["media types", `HTTP/1.1 200\r\nContent-Type: ${"text/html;".repeat(20_000)}\r\n\r\n`],
    ["media type lists", `HTTP/1.1 200\r\nContent-Type: ${"a/b;charset=x,".repeat(15_000)}\r\n\r\n`],
    ["blanks", `HTTP/1.1 200${" ".repeat(200_000)}\r\nContent-Type: ${" ".repeat(50_000)}\r\n\r\n`],
    ["interim responses", "HTTP/1.1 100\r\n\r\n".repeat(200_000)],
    ["chunk extensions", `HTTP/1.1 200\r\n${chunked}\r\n\r\n${`1;${"x".repeat(1000)}\r\na\r\n`.repeat(3000)}`],
  ])("many %s are read in linear time", (_, head) => {
    const started = performance.now();
    parseHttpResponse(block(head));
    expect(performance.now() - started).toBeLessThan(2000);
  });

  function bodies(): fc.Arbitrary<Uint8Array> {
    return fc.constantFrom(
      gzipSync(page),
      brotliCompressSync(page),
      deflateSync(page),
      block("5\r\nhello\r\n0\r\n\r\n"),
      block("4;x\r\nabcd\r\nffff\r\n"),
    );
  }
});
