import { useRoute } from 'wouter'
import { useAliases } from '../../api/aliases.ts'
import { useModelImports, useQuarantine } from '../../api/model-imports.ts'
import { usePackages } from '../../api/packages.ts'
import { t } from '../../texts/translate.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { TabLinks } from '../../ui/tabs.tsx'
import { AliasTable } from './alias-table.tsx'
import { ImportList } from './import-list.tsx'
import { LoadPolicyPage } from './load-policy.tsx'
import { PackageDetail } from './package-detail.tsx'
import { PackageTable } from './package-table.tsx'
import { QuarantineList } from './quarantine-list.tsx'

export default function ModelsPage() {
  const [showsPackage, params] = useRoute('/models/packages/:hash')
  return showsPackage ? <PackageDetail key={params.hash} hash={params.hash} /> : <ModelTabs />
}

function ModelTabs() {
  const [match, params] = useRoute('/models/:tab')
  const tab = match ? params.tab : 'aliases'
  const aliases = useAliases()
  const packages = usePackages()
  const imports = useModelImports()
  const quarantine = useQuarantine()
  return (
    <>
      <PageHeader
        title={t('Models')}
        description={t('Signed packages, and the names by which programs call them.')}
      />
      <TabLinks
        label={t('Models')}
        current={tab === 'aliases' ? '/models' : `/models/${tab}`}
        tabs={[
          { to: '/models', label: t('Aliases'), count: aliases.data?.length },
          { to: '/models/packages', label: t('Packages'), count: packages.data?.length },
          { to: '/models/imports', label: t('Imports'), count: imports.data?.length },
          { to: '/models/quarantine', label: t('Quarantine'), count: quarantine.data?.length },
          { to: '/models/rules', label: t('Rules') },
        ]}
      />
      {tab === 'aliases' && <AliasTable />}
      {tab === 'packages' && <PackageTable />}
      {tab === 'imports' && <ImportList />}
      {tab === 'quarantine' && <QuarantineList />}
      {tab === 'rules' && <LoadPolicyPage />}
    </>
  )
}
