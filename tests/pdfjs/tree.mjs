// Prints, for each page, the structure tree that pdf.js hands to a screen reader, and the text of each marked content.
//     node tree.mjs FILE.pdf
// [{"number": 12, "tree": {...} or null, "texts": {"p12R_mc0": "..."}, "artifact": "...", "untagged": "...",
//   "fields": {"34R": {...}}}]
// `number` is the page's object number. `artifact` is text that is marked as furniture, `untagged` text with no mark.
import { readFile, realpath } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

// Everything that pdf.js knows of the form fields of a page, by their identifiers in the tree. Shared with fill.mjs.
export async function readFields(page) {
  const widgets = (await page.getAnnotations()).filter((annotation) => annotation.subtype === "Widget");
  return Object.fromEntries(widgets.map((widget) => [widget.id, widget]));
}

// Opens a PDF, lets `read` look at it, and prints what it returns. Shared with the other scripts.
export async function open(name, read) {
  let entry;
  try {
    // require's search, because it honours NODE_PATH, and import's does not.
    entry = createRequire(import.meta.url).resolve("pdfjs-dist/legacy/build/pdf.mjs");
  } catch {
    console.error("pdfjs-dist is not installed: run `npm ci` in tests/pdfjs.");
    process.exit(2);
  }
  const pdfjs = await import(pathToFileURL(entry));
  const home = join(dirname(entry), "..", "..");
  const task = pdfjs.getDocument({
    data: new Uint8Array(await readFile(name)),
    cMapUrl: join(home, "cmaps/"),
    standardFontDataUrl: join(home, "standard_fonts/"),
    useSystemFonts: false, // only what the file brings
    verbosity: 0, // its warnings would stand among the JSON
  });
  const answer = await read(await task.promise, pdfjs);
  await task.destroy();
  process.stdout.write(JSON.stringify(answer));
}

async function readPage(page) {
  const { items } = await page.getTextContent({ includeMarkedContent: true });
  const texts = {};
  const loose = { artifact: "", untagged: "" };
  const marks = []; // the marks that are open: an identifier, "artifact", or null for a mark that says nothing here
  for (const item of items) {
    if (item.type === "endMarkedContent") {
      marks.pop();
    } else if (item.type !== undefined) {
      marks.push(item.tag === "Artifact" ? "artifact" : (item.id ?? null));
    } else {
      // The innermost mark that says something owns the text: a Span with a language may stand inside a paragraph.
      const owner = marks.findLast((mark) => mark !== null) ?? "untagged";
      const text = item.str + (item.hasEOL ? "\n" : "");
      if (owner in loose) loose[owner] += text;
      else texts[owner] = (texts[owner] ?? "") + text;
    }
  }
  return { number: page.ref?.num ?? null, tree: await page.getStructTree(), texts, ...loose, fields: await readFields(page) };
}

if ((await realpath(process.argv[1])) === fileURLToPath(import.meta.url)) {
  await open(process.argv[2], async (document) => {
    const pages = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      pages.push(await readPage(await document.getPage(number)));
    }
    return pages;
  });
}
