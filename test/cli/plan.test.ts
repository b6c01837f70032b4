/** What plan says of the disk. */
import { expect, it } from "vitest";
import { diskAdvice } from "../../cli/plan.js";

it("warns where the disk is too small, and only there", () => {
  expect(diskAdvice(100, 100)).toEqual([]);
  expect(diskAdvice(2e12, 1e9)).toEqual([
    "the corpus may take 2.0 TB, and the disk has 1.0 GB free; name a folder on another one with --corpus",
  ]);
});
