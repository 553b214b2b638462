// A person at a browser: chromium.mjs KEY_HASH continue|cancel ACCOUNT ADDRESS
// Opens the address it is handed (a page in a file, which leads on), picks the account, and prints the page it ends at.
import { chromium } from "playwright-core";

const [keyHash, decision, account, address] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    `--ignore-certificate-errors-spki-list=${keyHash}`, // the sandbox's authority is in no store of this machine
    ...(process.getuid() === 0 ? ["--no-sandbox"] : []), // Chromium refuses root otherwise
  ],
});
try {
  const page = await browser.newPage();
  await page.goto(address, { waitUntil: "commit" });
  await page.waitForURL(/^https:\/\/login\.microsoftonline\.com\//);
  await page.check(`input[name=account][value="${account}"]`);
  await Promise.all([page.waitForURL(/^http:\/\/localhost:\d+\//), page.click(`button[value=${decision}]`)]);
  console.log(await page.innerText("body"));
} finally {
  await browser.close();
}
