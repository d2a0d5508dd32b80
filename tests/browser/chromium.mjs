// Unpacks the Chromium of the npm package and prints its path. TMPDIR says where it is unpacked.
import chromium from "@sparticuz/chromium";

console.log(await chromium.executablePath());
