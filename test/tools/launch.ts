/**
 * How each coding tool is started without a person and without a network: its model on loopback, telemetry and updates
 * off, a home of its own.
 *
 * Sources: Claude Code, code.claude.com/docs/en/settings ("Environment variables") and /headless. Codex,
 * developers.openai.com/codex/config-reference (`model_providers`, `projects`, `analytics`) and `codex exec --help`.
 * Gemini CLI, docs/reference/configuration.md of google-gemini/gemini-cli.
 */
import type { ToolName } from './installed.ts'

export interface LaunchRequest {
  /** Where the tool works. */
  readonly folder: string
  /** The user's home. */
  readonly home: string
  /** Of the model server. */
  readonly url: string
  readonly prompt: string
  /** `not-trusted`: as it is before a person said yes to the hooks. */
  readonly hooks: 'vouched-for' | 'not-trusted'
}

export interface Launch {
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Settings of the user, by path in the home. */
  readonly files: Readonly<Record<string, string>>
}

export const LAUNCH: Readonly<Record<ToolName, (request: LaunchRequest) => Launch>> = {
  'claude-code': ({ url, prompt }) => ({
    args: ['--print', prompt, '--allowedTools', 'Bash'],
    environment: {
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'none',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    },
    files: {},
  }),
  codex: ({ url, folder, prompt, hooks }) => ({
    args: [
      'exec',
      '--dangerously-bypass-approvals-and-sandbox',
      // A person trusts hooks once, with /hooks; a run may vouch for those that `init --agents` has just written.
      ...(hooks === 'vouched-for' ? ['--dangerously-bypass-hook-trust'] : []),
      prompt,
    ],
    environment: { MODEL_KEY: 'none' },
    files: {
      '.codex/config.toml': [
        'model = "mock"',
        'model_provider = "loopback"',
        'check_for_update_on_startup = false',
        '[analytics]',
        'enabled = false',
        // They fetch lists of what could be installed.
        '[features]',
        'plugins = false',
        'remote_plugin = false',
        'apps = false',
        '[model_providers.loopback]',
        'name = "loopback"',
        `base_url = "${url}/v1"`,
        'wire_api = "responses"',
        'env_key = "MODEL_KEY"',
        `[projects.${JSON.stringify(folder)}]`,
        'trust_level = "trusted"',
        '',
      ].join('\n'),
    },
  }),
  'gemini-cli': ({ url, prompt }) => ({
    args: ['--yolo', '--model', 'gemini-2.5-pro', '--prompt', prompt],
    environment: { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: 'none', GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    files: {
      '.gemini/settings.json': JSON.stringify({
        general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
        privacy: { usageStatisticsEnabled: false },
        security: { auth: { selectedType: 'gemini-api-key' } },
      }),
    },
  }),
}
