// Draws pages as pdf.js does, into FOLDER/page-00001.png and so on, and prints how many.
//     node paint.mjs FILE.pdf DPI FIRST LAST FOLDER        (LAST 0: to the end)
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { open } from "./tree.mjs";

const [name, dpi, first, last, folder] = process.argv.slice(2);
try {
  createRequire(import.meta.url).resolve("@napi-rs/canvas"); // pdf.js itself goes on without, and draws nothing
} catch {
  console.error("@napi-rs/canvas is not installed: run `npm ci` in tests/pdfjs.");
  process.exit(2);
}

await open(name, async (document, { AnnotationMode }) => {
  const end = Number(last) || document.numPages;
  for (let number = Number(first); number <= end; number += 1) {
    const page = await document.getPage(number);
    const viewport = page.getViewport({ scale: Number(dpi) / 72 });
    const { canvas, context } = document.canvasFactory.create(Math.ceil(viewport.width), Math.ceil(viewport.height));
    await page.render({
      canvas,
      canvasContext: context,
      viewport,
      intent: "display",
      annotationMode: AnnotationMode.ENABLE, // what stands in the file; ENABLE_FORMS leaves fields to the browser
    }).promise;
    await writeFile(join(folder, `page-${String(number).padStart(5, "0")}.png`), await canvas.encode("png"));
  }
  return end - Number(first) + 1;
});
