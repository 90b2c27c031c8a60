// Fills a form as pdf.js does when a person types into it, saves it, and prints how many places there are.
//     node fill.mjs FILE.pdf FILLED.pdf '{"patient.name": "Zoë", "copy.given": "given", "a.tick": true}'
import { writeFile } from "node:fs/promises";
import { open, readFields } from "./tree.mjs";

const [name, filled, values] = process.argv.slice(2);

await open(name, async (document) => {
  const places = {}; // name of the field → what pdf.js knows of each of its places
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    for (const field of Object.values(await readFields(page))) (places[field.fieldName] ??= []).push(field);
  }
  for (const [field, value] of Object.entries(JSON.parse(values))) {
    if (!(field in places)) throw new Error(`The form has no field ${field}.`);
    for (const place of places[field]) {
      const own = place.radioButton ? place.buttonValue === value : value;
      document.annotationStorage.setValue(place.id, { value: own });
    }
  }
  await writeFile(filled, await document.saveDocument());
  return Object.values(places).flat().length;
});
