// Prints the text of each page, as pdf.js gives it, as a JSON list of strings.
//     node text.mjs FILE.pdf
import { open } from "./tree.mjs";

await open(process.argv[2], async (document) => {
  const pages = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const { items } = await (await document.getPage(number)).getTextContent();
    pages.push(items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join(""));
  }
  return pages;
});
