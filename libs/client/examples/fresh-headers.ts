import { createLink, type Link } from '@downlink/client'

// Called for each request. After 401 or 403 it is called once more, with the status: give fresh ones.
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
