// pixelmatch as its own command line does it, without a picture of the difference: node pixelmatch.mjs OLD NEW
import fs from 'node:fs';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const [was, is] = process.argv.slice(2).map((file) => PNG.sync.read(fs.readFileSync(file)));
if (was.width !== is.width || was.height !== is.height) {
    console.log('sizes differ');
    process.exit(1);
}
console.log(pixelmatch(was.data, is.data, null, was.width, was.height, { threshold: 0.1 }));
