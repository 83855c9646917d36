import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Addresses, ForbiddenAddressError } from '../../src/reactors/addresses.js'
import { sendWebhook } from '../../src/reactors/send-webhook.js'
import { webhookHeaders } from '../../src/reactors/sign-webhook.js'

it('signs as the test vector of Standard Webhooks', () => {
  const content = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' }
  expect(webhookHeaders(content, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toEqual({
    'webhook-id': content.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
  expect(webhookHeaders(content, null)).not.toHaveProperty('webhook-signature')
})

const resolve = (url: string, allow: string[] = []) => new Addresses(allow).resolve(new URL(url))

it.each([
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0177.0.0.1/',
  'http://0.0.0.0/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[fe80::1]/',
  'http://[fd00::1]/',
  'http://169.254.169.254/latest/meta-data',
  'http://10.1.2.3/',
  'http://172.31.255.255/',
  'http://192.168.0.1/',
  'http://100.64.0.1/',
  'http://224.0.0.1/',
  'http://localhost/',
])('%s must not be reached', async (url) => {
  await expect(resolve(url)).rejects.toThrow(ForbiddenAddressError)
})

it('public addresses may be reached, and what is let through by name, address or block', async () => {
  expect(await resolve('http://93.184.216.34/')).toEqual({ address: '93.184.216.34', family: 4 })
  expect(await resolve('http://[2606:2800:220:1::1]/')).toEqual({ address: '2606:2800:220:1::1', family: 6 })
  expect((await resolve('http://localhost/', ['LOCALHOST'])).address).toMatch(/^(127\.0\.0\.1|::1)$/)
  expect((await resolve('http://10.1.2.3/', ['10.0.0.0/8'])).address).toBe('10.1.2.3')
  await expect(resolve('http://11.0.0.1.localhost/', ['10.0.0.0/8'])).rejects.toThrow()
})

it('follows no redirect, and says what it was told', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const webhook = { url, headers: {}, body: '{}' }
  const signal = new AbortController().signal
  const answer = await sendWebhook(webhook, new Addresses(['127.0.0.0/8']), signal)
  expect(answer).toMatchObject({ isDone: false, isFinal: false, responseCode: 302 })
  expect(await sendWebhook(webhook, new Addresses([]), signal)).toMatchObject({
    isDone: false,
    isFinal: true,
    responseCode: null,
  })
  expect(asked).toEqual(['/hook'])
  await new Promise((done) => server.close(done))
})
