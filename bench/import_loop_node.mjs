// The same loop as import_loop_az.sh in one Node process, with its fetch: what a script with Microsoft's SDK does, without its overhead.
// import_loop_node.mjs FILE; tenant, app and secret from AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET.
import {createHmac} from 'node:crypto';
import {readFileSync} from 'node:fs';

const graph = 'https://graph.microsoft.com';
const env = process.env;
const form = new URLSearchParams({grant_type: 'client_credentials', client_id: env.AZURE_CLIENT_ID, client_secret: env.AZURE_CLIENT_SECRET,
                                  scope: `${graph}/.default`});
const signIn = await fetch(`https://login.microsoftonline.com/${env.AZURE_TENANT_ID}/oauth2/v2.0/token`, {method: 'POST', body: form});
const {access_token} = await signIn.json();

async function call(method, path, content) {
  const answer = await fetch(graph + path, {method, headers: {Authorization: `Bearer ${access_token}`, 'Content-Type': 'application/json'},
                                            body: content === undefined ? undefined : JSON.stringify(content)});
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  const text = await answer.text();
  return text === '' ? {} : JSON.parse(text);
}

function totp(key, interval) {
  const bits = [...key].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / interval)));
  const mac = createHmac('sha1', bytes).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

for (const line of readFileSync(process.argv[2], 'utf8').trim().split('\r\n').slice(1)) {
  const [upn, serialNumber, secretKey, interval, manufacturer, model] = line.split(',');
  const {id} = await call('GET', `/v1.0/users/${upn}?$select=id`);
  const token = await call('POST', '/beta/directory/authenticationMethodDevices/hardwareOathDevices',
                           {serialNumber, secretKey, timeIntervalInSeconds: Number(interval), manufacturer, model, hashFunction: 'hmacsha1', assignTo: {id}});
  await call('POST', `/beta/users/${id}/authentication/hardwareOathMethods/${token.id}/activate`, {verificationCode: totp(secretKey, Number(interval))});
}
