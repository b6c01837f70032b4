/** Finds the real inputs that tests may use and that the repository does not carry. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The absolute path of an input under APERTUS_DATA_TEST_INPUTS (else ../shared/data beside the repository); undefined where absent. */
export function testInput(path: string): string | undefined {
  const root = process.env.APERTUS_DATA_TEST_INPUTS ?? resolve(import.meta.dirname, "../../shared/data");
  const found = join(root, path);
  return existsSync(found) ? found : undefined;
}
