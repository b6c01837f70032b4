/** Finding files by pattern, and recognising one cheaply. */
import { createHash } from "node:crypto";
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { escapePath, glob, isDynamicPattern } from "tinyglobby";

export interface FoundFile {
  readonly path: string;
  /**
   * Relative to the pattern's root, the part before its first wildcard, with slashes: what locators and evidence name, since it
   * is the same on every machine.
   */
  readonly file: string;
}

/** The files that a path or a pattern with `*`, `?`, `**` and `{a,b}` names, sorted; a relative one starts from `baseFolder`. */
export async function findFiles(pattern: string, baseFolder: string): Promise<readonly FoundFile[]> {
  if (!isDynamicPattern(pattern)) {
    const path = resolve(baseFolder, pattern);
    return existsSync(path) ? [{ path, file: relative(dirname(path), path) }] : [];
  }
  const parts = (isAbsolute(pattern) ? pattern : `${escapePath(baseFolder)}/${pattern}`).split("/");
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => isDynamicPattern(part)),
  );
  const root = resolve(fixed.join("/").replaceAll("\\", "") || "/");
  const paths = await glob(parts.slice(fixed.length).join("/"), { cwd: root, absolute: true, onlyFiles: true, dot: false });
  return paths
    .map((path) => ({ path: resolve(path), file: relative(root, path).split(sep).join("/") }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Enough to see that a file is not the one that was read before: its size and the SHA-256 of its first and last MiB. */
export interface Fingerprint {
  readonly bytes: number;
  readonly first: string;
  readonly last: string;
}

const edge = 1 << 20;

export function fingerprintOf(path: string): Fingerprint {
  const handle = openSync(path, "r");
  try {
    const { size } = fstatSync(handle);
    const digest = (at: number): string => {
      const bytes = Buffer.alloc(Math.min(edge, size));
      return createHash("sha256")
        .update(bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, at)))
        .digest("hex");
    };
    return { bytes: size, first: digest(0), last: digest(Math.max(0, size - edge)) };
  } finally {
    closeSync(handle);
  }
}
