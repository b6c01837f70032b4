<<<<<<< HEAD
/** Finds the real inputs that tests may use and that the repository does not carry. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The absolute path of an input under APERTUS_DATA_TEST_INPUTS (else ../shared/data beside the repository); undefined where absent. */
=======
/** Real inputs that tests read where they are present: the folder APERTUS_DATA_TEST_INPUTS names, else shared/data beside the repository. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

>>>>>>> language
export function testInput(path: string): string | undefined {
  const root = process.env.APERTUS_DATA_TEST_INPUTS ?? resolve(import.meta.dirname, "../../shared/data");
  const found = join(root, path);
  return existsSync(found) ? found : undefined;
}
