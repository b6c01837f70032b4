/** A plain table for a terminal: first column to the left, the others to the right, widths by content. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], leftColumns = 1): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ""))));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const pad = " ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell)));
        return column < leftColumns ? cell + pad : pad + cell;
      })
      .join("  ")
      .trimEnd();
  return [line(header), widths.map((size) => "─".repeat(size)).join("  "), ...rows.map(line)].join("\n");
}

function width(text: string): number {
  return [...text].length;
}
