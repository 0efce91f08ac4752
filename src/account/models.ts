/** Metadata of a resource that belongs to an account but not to a workspace. */
export interface AccountResourceMetadata {
  id: string
  accountId: string
  name: string
  externalId?: string
  labels?: Record<string, string>
  profileId?: string
  /** Date and time as in RFC 3339. */
  createdAt?: string
}

/** The top-level organisational unit. It contains workspaces and account-wide settings such as the webhook signing secret. */
export interface Account {
  metadata: AccountResourceMetadata
  spec: AccountSpec
  info: AccountInfo
}

/** Populated by the server. */
export interface AccountInfo {
  /** The generated secret that signs every webhook sent to the account's webhook URL. It has the form `wh_asdf1234` and follows Standard Webhooks. */
  webhookEventsHmacSecret?: string
  globalApiKey?: APIKey
  challengeToken?: string
}

export interface AccountSpec {
  billingEmail?: string
  description?: string
  domain?: string
  workspaces?: Workspace[]
}

export interface Workspace {
  metadata: AccountResourceMetadata
  spec: Record<string, never>
  status?: string
}

export interface APIKey {
  metadata: AccountResourceMetadata
  spec: {
    /** The bearer token, returned only on creation and rotation. */
    token?: string
    description?: string
    permissions?: string[]
    system?: boolean
  }
  info?: {
    createdBy?: Profile
    workspacesPreview?: Workspace[]
    workspacesTotal?: number
  }
  state?: string
}

/** A user or a non-human principal of the account. It can have access to several workspaces. */
export interface Profile {
  metadata: AccountResourceMetadata
  spec: {
    type:
      | 'PROFILE_TYPE_UNSPECIFIED'
      | 'PROFILE_TYPE_USER'
      | 'PROFILE_TYPE_API_KEY'
      | 'PROFILE_TYPE_SYSTEM'
    email?: string
    name?: string
  }
}

/** The answer to a rotation. It holds only the new secret. */
export interface RotateWebhookSigningKeyResponse {
  webhookEventsHmacSecret?: string
}
