/**
 * Grammars that come with if-board, as data in `templates/grammars/`, each written from the manual of its tool:
 * docs.npmjs.com (npm-test), pnpm.io/cli/test, nodejs.org/api/cli.html, doc.rust-lang.org/cargo (cargo-test), pkg.go.dev/cmd/go
 * (Testing flags), docs.pytest.org (Command-line Flags), git-scm.com/docs, developer.hashicorp.com/terraform/cli,
 * docs.ansible.com (ansible-playbook), kubernetes.io/docs/reference/kubectl.
 *
 * `test/executor/ready-made.test.ts` holds each to the schema of the settings.
 */
import ansibleCheck from '../../templates/grammars/ansible-check.json' with { type: 'json' }
import cargoTest from '../../templates/grammars/cargo-test.json' with { type: 'json' }
import gitHistory from '../../templates/grammars/git-history.json' with { type: 'json' }
import gitWorkTree from '../../templates/grammars/git-work-tree.json' with { type: 'json' }
import goTest from '../../templates/grammars/go-test.json' with { type: 'json' }
import kubectlRead from '../../templates/grammars/kubectl-read.json' with { type: 'json' }
import nodeTest from '../../templates/grammars/node-test.json' with { type: 'json' }
import npmTest from '../../templates/grammars/npm-test.json' with { type: 'json' }
import pnpmTest from '../../templates/grammars/pnpm-test.json' with { type: 'json' }
import pytest from '../../templates/grammars/pytest.json' with { type: 'json' }
import terraformPlan from '../../templates/grammars/terraform-plan.json' with { type: 'json' }
import type { Grammar } from '../model/index.ts'

export const READY_MADE: ReadonlyMap<string, Grammar> = new Map(
  Object.entries({
    'ansible-check': ansibleCheck,
    'cargo-test': cargoTest,
    'git-history': gitHistory,
    'git-work-tree': gitWorkTree,
    'go-test': goTest,
    'kubectl-read': kubectlRead,
    'node-test': nodeTest,
    'npm-test': npmTest,
    'pnpm-test': pnpmTest,
    pytest,
    'terraform-plan': terraformPlan,
  }).map(([name, grammar]) => [name, grammar as unknown as Grammar]),
)
