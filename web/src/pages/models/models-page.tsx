import { useRoute } from 'wouter'
import { useAliases } from '../../api/aliases.ts'
import { usePackages } from '../../api/packages.ts'
import { t } from '../../texts/translate.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { TabLinks } from '../../ui/tabs.tsx'
import { AliasTable } from './alias-table.tsx'
import { PackageDetail } from './package-detail.tsx'
import { PackageTable } from './package-table.tsx'

export default function ModelsPage() {
  const [showsPackages] = useRoute('/models/packages')
  const [showsPackage, params] = useRoute('/models/packages/:hash')
  const aliases = useAliases()
  const packages = usePackages()
  if (showsPackage) return <PackageDetail hash={params.hash} />
  return (
    <>
      <PageHeader
        title={t('Models')}
        description={t('Signed packages, and the names by which programs call them.')}
      />
      <TabLinks
        label={t('Models')}
        current={showsPackages ? '/models/packages' : '/models'}
        tabs={[
          { to: '/models', label: t('Aliases'), count: aliases.data?.length },
          { to: '/models/packages', label: t('Packages'), count: packages.data?.length },
        ]}
      />
      {showsPackages ? <PackageTable /> : <AliasTable />}
    </>
  )
}
