import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Batch } from "../../corpus/index.js";
import { pii } from "../../filters/pii/index.js";
import { utf8Column } from "../../formats/index.js";
import { findPii, piiKinds } from "../../native/index.js";
import { testInput } from "../inputs.js";
import { apertusReference, type Found, strictReference } from "./pii-reference.js";

function find(text: string, loose: boolean, documentation = true): readonly Found[] {
  const bytes = Buffer.from(text);
  const { start, length, kind } = findPii(bytes, Int32Array.of(0, bytes.length), { kinds: piiKinds, loose, documentation });
  return Array.from(start, (from, i) => ({
    kind: piiKinds[kind[i]] ?? "",
    start: bytes.subarray(0, from).toString().length,
    text: bytes.subarray(from, from + length[i]).toString(),
  }));
}

const strict = (text: string, documentation = true) => find(text, false, documentation).map((found) => found.text);

describe("strict e-mail addresses", () => {
  test.each([
    ["write to jane.doe+news@mail.example.com.", "jane.doe+news@mail.example.com"],
    ["<a_b%c@example.museum>", "a_b%c@example.museum"],
    ["mailto:o'brien@example.ie?subject=x", "o'brien@example.ie"],
    ["https://x.org/?email=jane@corp.fr&b=1", "jane@corp.fr"],
    ["**jane@corp.fr**, 'joe@corp.fr'", "jane@corp.fr,joe@corp.fr"],
    ["用户@例子.公司", "用户@例子.公司"],
    ["δοκιμή@παράδειγμα.δοκιμή", "δοκιμή@παράδειγμα.δοκιμή"],
    ["jürgen@bücher.de", "jürgen@bücher.de"],
    ["请发邮件到zhang.san@corp.cn联系我们", "zhang.san@corp.cn"],
    ["ติดต่อsomchai@corp.co.thได้", "somchai@corp.co.th"],
    ["a@xn--bcher-kva.xn--p1ai", "a@xn--bcher-kva.xn--p1ai"],
    ["jane@corp.com-based", "jane@corp.com"],
    ["jane@a-b.c-d.org", "jane@a-b.c-d.org"],
    ["..jane@corp.fr, double..joe@corp.fr", "jane@corp.fr,joe@corp.fr"],
    ["ssh://git@host.org:22/x", "git@host.org"],
    [`${"a".repeat(64)}@corp.fr`, `${"a".repeat(64)}@corp.fr`],
  ])("%s", (text, expected) => {
    expect(strict(text).join()).toBe(expected);
  });

  test.each([
    "jane@corp",
    "jane.@corp.fr",
    "jane@-corp.fr",
    "jane@corp..fr",
    "@jane@social.org",
    "https://medium.com/@jane.doe",
    "lodash@4.17.21",
    "a@b.c",
    "a@1.2.3.4.5",
    "@ @@ a@ @b.cc",
    "a@b.cc@d.ee",
    `${"a".repeat(65)}@corp.fr`,
    `a@${"b".repeat(64)}.fr`,
  ])("finds none in %s", (text) => {
    expect(strict(text)).toEqual([]);
  });

  test("addresses of RFC 2606 are redacted only where asked for", () => {
    const text = "a@example.com b@sub.EXAMPLE.org c@x.test d@notexample.com";
    expect(strict(text, false)).toEqual(["d@notexample.com"]);
    expect(strict(text)).toHaveLength(4);
  });
});

describe("strict IP addresses", () => {
  test.each([
    ["from 8.8.8.8 and 163.36.107.25.", "8.8.8.8,163.36.107.25"],
    ["http://8.8.4.4:80/x 9.9.9.0/24", "8.8.4.4,9.9.9.0"],
    ["8.8.8.8-8.8.8.9, 8.8.8.8/8.8.4.4", "8.8.8.8,8.8.8.9,8.8.8.8,8.8.4.4"],
    ["地址8.8.8.8是", "8.8.8.8"],
    ["email@123.123.123.123", "123.123.123.123"],
    ["conversion 8.8.8.8", "8.8.8.8"],
  ])("%s", (text, expected) => {
    expect(strict(text).join()).toBe(expected);
  });

  test.each([
    "v8.8.8.8",
    "Version: 8.8.8.8",
    "Section 8.8.8.8",
    "§ 8.8.8.8",
    "versión 8.8.8.8",
    "Версия 8.8.8.8",
    "版本8.8.8.8",
    "8.8.8.8.8",
    "1.8.8.8.8.",
    ".8.8.8.8",
    "08.8.8.8",
    "8.8.8.256",
    "8.8.8.8a",
    "ä8.8.8.8",
    "8.8.8.8.tgz",
    "8.8.8.8-beta",
    "lib-8.8.8.8",
    "/jquery/8.8.8.8/",
    "0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 169.254.1.1 172.31.255.255 192.168.1.1 198.19.0.1 224.0.0.1 255.255.255.255",
  ])("finds none in %s", (text) => {
    expect(strict(text)).toEqual([]);
  });

  test("addresses of RFC 5737 are redacted only where asked for", () => {
    expect(strict("192.0.2.1 198.51.100.7 203.0.113.9", false)).toEqual([]);
    expect(strict("192.0.2.1 198.51.100.7 203.0.113.9")).toHaveLength(3);
  });
});

describe("strict IBANs", () => {
  // Examples that the IBAN registry prints.
  const examples =
    "DE89370400440532013000 GB29NWBK60161331926819 FR1420041010050500013M02606 CH9300762011623852957 NL91ABNA0417164300 ES9121000418450200051332 IT60X0542811101000000123456 BE68539007547034 AT611904300234573201 PL61109010140000071219812874 NO9386011117947 MT84MALT011000012345MTLCAST001S SE4550000000058398257466 TR330006100519786457841326 SA0380000000608010167519 AE070331234567890123456 LC55HEMM000100010012001200023015 GR1601101250000000012300695 HU42117730161111101800000000 PT50000201231234567890154 IE29AIBK93115212345678 LU280019400644750000 CZ6508000000192000145399 DK5000400440116243 FI2112345600000785 RO49AAAA1B31007593840000 HR1210010051863000160 IS140159260076545510730339 EE382200221020145685 LT121000011101001000 LV80BANK0000435195001 UA213223130000026007233566001 KZ86125KZT5004100100 IL620108000000099999999 MU17BOMM0101101030300200000MUR SC18SSCB11010000000000001497USD CY17002001280000001200527600 BG80BNBG96611020345678 SI56263300012039086 SK3112000000198742637541".split(
      " ",
    );

  test.each(examples)("%s, with and without spaces, but not with another digit", (iban) => {
    const grouped = iban.replace(/(.{4})(?=.)/g, "$1 ");
    expect(strict(`IBAN: ${iban}, or ${grouped}.`)).toEqual([iban, grouped]);
    expect(strict(grouped.replaceAll(" ", "\u00a0"))).toHaveLength(1);
    const wrong = iban.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
    expect(strict(`${wrong} ${iban}X X${iban} ${iban.toLowerCase()}`)).toEqual([]);
  });
});

test("an e-mail address wins over the IP address inside it, and documents are never dropped", async () => {
  const text = "a@8.8.8.8.example.com 8.8.8.8 é DE89 3704 0044 0532 0130 00";
  const filter = await pii.open(pii.parameters.parse({ documentation: true }), []);
  const { verdicts, columns, redactions } = filter.process(new Batch([["text", utf8Column(["", text, "none"])]]));
  expect(verdicts).toBeUndefined();
  expect(redactions).toEqual({
    rows: Int32Array.of(0, 0, 3, 3),
    start: Int32Array.of(0, 22, 33),
    length: Int32Array.of(21, 7, 27),
    kind: Uint8Array.of(0, 1, 2),
    kinds: ["email", "ip", "iban"],
  });
  expect(columns?.pii_email?.values).toEqual(Int32Array.of(0, 1, 0));
  expect(columns?.pii_iban?.values).toEqual(Int32Array.of(0, 1, 0));
});

test("kinds that are not asked for are not looked for", async () => {
  const filter = await pii.open(pii.parameters.parse({ kinds: ["ip"], documentation: true }), []);
  const { redactions } = filter.process(new Batch([["text", utf8Column(["a@8.8.8.8.example.com a@b.fr 9.9.9.9"])]]));
  expect(redactions?.start).toEqual(Int32Array.of(29));
});

const piece = fc.constantFrom(
  ..."aZ19.-_'@/ é中กู, 0".split(""),
  ...[
    "com",
    "@b.co",
    "xn--p1ai",
    "8.8.8.8",
    "25",
    "255",
    "256",
    "1.",
    " v",
    "version ",
    "§",
    "a@",
    "[1.2.3.",
    ":]",
    "]",
    "\u202f",
  ],
  ...[
    "DE89 3704 0044 0532 0130 00",
    "DE89370400440532013000",
    "NO93",
    "8601",
    " 1111",
    "7947",
    "AB12",
    "\u00a0",
    "…",
    "😀",
    "+%",
  ],
);

describe("agrees with regular expressions", () => {
  for (const [name, loose, reference] of [
    ["apertus", true, apertusReference],
    ["strict", false, strictReference],
  ] as const) {
    test(`${name}, on random text`, () => {
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
          const text = pieces.join("").toWellFormed();
          expect(find(text, loose)).toEqual(reference(text));
        }),
        { numRuns: 6000 },
      );
    });

    test.skipIf(testInput("pii/dolma") === undefined)(`${name}, on real text`, () => {
      const folder = testInput("books/austen_janeaustenr") ?? "";
      const books = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, "utf8").slice(0, 200_000));
      const pages = gunzipSync(readFileSync(testInput("pii/dolma/expected_email-spans.json.gz") ?? ""))
        .toString()
        .split("\n");
      const cases = readFileSync(testInput("pii/datatrove/test_pii_removal.py") ?? "", "utf8");
      for (const text of [...books, ...pages, cases]) expect(find(text, loose)).toEqual(reference(text));
    });
  }
});

test.skipIf(testInput("pii/datatrove") === undefined)(
  "apertus redacts what the datatrove cases expect of e-mail addresses",
  () => {
    const source = readFileSync(testInput("pii/datatrove/test_pii_removal.py") ?? "", "utf8");
    const block = (name: string) =>
      new RegExp(`${name} = r?"""([\\s\\S]*?)"""`).exec(source)?.[1]?.replaceAll("\\\\", "\\") ?? "";
    const input = block("EMAIL_TEST_INPUT");
    let output = "";
    let last = 0;
    for (const { kind, start, text } of find(input, true)) {
      if (kind !== "email") continue;
      output += `${input.slice(last, start)}EMAIL`;
      last = start + text.length;
    }
    expect(output + input.slice(last)).toBe(block("EMAIL_TEST_OUTPUT"));
  },
);

test.each([
  ..."@ . - 1. a@ a. a@b. @a.bb 1.1.1.1 AB12 é@é.éé".split(" "),
  "a@a.com@",
  "1.2.3.4-",
  "version 1.2.3.4 ",
  "DE89 3704 0044 0532 0130 0",
  "AA11 1111 ",
  `a@${"b-".repeat(40)}`,
  `${"a".repeat(70)}@`,
])("a megabyte of %s costs linear time", (unit) => {
  for (const loose of [false, true]) {
    const bytes = Buffer.from(unit.repeat(Math.ceil((1 << 20) / Buffer.byteLength(unit))));
    const begin = process.cpuUsage();
    findPii(bytes, Int32Array.of(0, bytes.length), { kinds: piiKinds, loose, documentation: true });
    expect(process.cpuUsage(begin).user / 1000).toBeLessThan(1000);
  }
});

test("any bytes are taken, and spans lie in order inside their rows", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), fc.boolean(), (rows, loose) => {
      const offsets = Int32Array.from([0, ...rows].map(() => 0));
      rows.forEach((row, i) => {
        offsets[i + 1] = offsets[i] + row.length;
      });
      const values = Buffer.concat(rows);
      const found = findPii(values, offsets, { kinds: piiKinds, loose, documentation: true });
      for (let row = 0; row < rows.length; row++) {
        let end = 0;
        for (let i = found.rows[row]; i < found.rows[row + 1]; i++) {
          expect(found.start[i]).toBeGreaterThanOrEqual(end);
          end = found.start[i] + found.length[i];
          expect(end).toBeLessThanOrEqual(rows[row]?.length ?? 0);
        }
      }
    }),
    { numRuns: 500 },
  );
});
