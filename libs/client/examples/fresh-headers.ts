import { createLink, type Link } from '@downlink/client'

// `headers` is called for each request, and once more after 401 or 403, with the status: return fresh headers.
export function createPrivateLink(
  url: string,
  getToken: (options: { renew: boolean }) => Promise<string>,
): Link {
  return createLink(url, {
    headers: async ({ refusedStatus }) => ({
      authorization: `Bearer ${await getToken({ renew: refusedStatus !== undefined })}`,
    }),
  })
}
